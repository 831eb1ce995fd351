import { atTimesteps } from '#core/plan/composites.ts'
import { parseTimesteps } from '#core/plan/timesteps.ts'
import { defineNode } from '../kit/define-node.ts'
import { scheduler, text } from '../kit/ports.ts'

export default defineNode({
  type: 'timesteps',
  version: 1,
  category: 'sampling',
  title: 'Timesteps',
  description: 'Tells a scheduler which timesteps to use.',
  docs: `
Some distilled models are made for specific timesteps: 999, 749, 499, 249 for DMD2, and 800 for the one-step LoRA of
Hyper-SD. Each timestep is one step. The number of steps and the schedule of the scheduler are not used.

A strength below 1 in the Sampler leaves out the first timesteps.
`,
  inputs: {
    scheduler: scheduler({ description: 'The scheduler whose solver uses the timesteps.' }),
    timesteps: text({
      default: '999, 749, 499, 249',
      description: 'Falling whole numbers from 999 (only noise) to 0 (the finished picture), separated by commas.',
    }),
  },
  outputs: { scheduler: scheduler({ description: 'For the scheduler input of a Sampler.' }) },
  infer: () => ({ scheduler: { kind: 'scheduler' } }),
  lower: (plan, { scheduler, timesteps }) => ({
    scheduler: atTimesteps(plan, scheduler, parseTimesteps(timesteps)),
  }),
})
