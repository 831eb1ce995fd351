import { describeRecommended, recommended } from '#core/plan/recommended.ts'
import { exactly, UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { int, model, number, scheduler } from '../kit/ports.ts'

export default defineNode({
  type: 'auto-scheduler',
  version: 1,
  category: 'sampling',
  title: 'Auto Scheduler',
  description: 'Chooses the solver, timesteps and guidance scale that fit how the model was distilled.',
  docs: `
Link the model that the Sampler uses, with its LoRAs, and link both outputs to the Sampler. The outputs show the choice:

- LCM and LCM-LoRA: LCM, 4 steps, guidance scale 1 (8 for full LCMs, which take guidance as an input)
- TCD: TCD with eta 0.3, 4 steps, guidance scale 1
- Turbo: Euler ancestral on trailing timesteps, 4 steps, guidance scale 1
- Lightning: Euler on trailing timesteps, as many steps as the file was made for, guidance scale 1
- Hyper-SD: DDIM on trailing timesteps, as many steps as the file was made for, guidance scale 1 (5 for the CFG LoRAs).
  The unified LoRA that is named after one step uses TCD, and timestep 800 if it runs one step.
- DMD2: LCM at the timesteps 999, 749, 499 and 249, guidance scale 1
- PCM: DDIM on trailing timesteps, as many steps as the file was made for, guidance scale 1 (7.5 for "normalcfg")
- Flash Diffusion: LCM, 4 steps, guidance scale 1
- any other model: DPM++ 2M Karras, 20 steps, guidance scale 7; on the timesteps or noise levels that it asks for, if
  it has zero terminal SNR or its folder names some

The method is that of the file, or of the last LoRA that has one. A file shows it for certain only if it is a full LCM or
an LCM-LoRA. The name of a method may mean something else (a LoRA of lightning bolts), so the node that loads such a file
asks. Until you answer, the file counts as not distilled. The answer is the field Distillation of that node; set it also
for a file whose name says nothing.
`,
  inputs: {
    model: model({ description: 'The model that the Sampler uses.' }),
    steps: int({
      default: 0,
      min: 0,
      max: 50,
      description: 'The number of sampling steps, up to 50. 0 uses the number that the model was made for.',
    }),
  },
  outputs: {
    scheduler: scheduler({ description: 'For the scheduler input of a Sampler.' }),
    guidance: number({ label: 'Guidance scale', description: 'For the guidance scale of a Sampler.' }),
  },
  infer: ({ model: { distilled, training }, steps }) => {
    const count = exactly(steps)
    const settings = recommended(distilled, count === UNKNOWN ? 0 : count, training?.schedule)
    return {
      scheduler: { kind: 'scheduler', summary: describeRecommended(distilled, settings) },
      guidance: { kind: 'float', min: settings.guidance, max: settings.guidance },
    }
  },
  lower: (plan, { steps }, { model: { distilled, training } }) => {
    const { spec, guidance } = recommended(distilled, steps, training?.schedule)
    return { scheduler: plan.step('scheduler', {}, { spec }), guidance }
  },
})
