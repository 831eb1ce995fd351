import { schedulerDefaults } from '#core/plan/scheduler.ts'
import { defineNode } from '../kit/define-node.ts'
import { float, int, scheduler } from '../kit/ports.ts'
import { convention } from './convention.ts'
import { originalSteps, stepsFault } from './original-steps.ts'
import { strengthMode } from './strength-mode.ts'

export default defineNode({
  type: 'tcd-scheduler',
  version: 1,
  category: 'sampling',
  title: 'TCD Scheduler',
  description: 'Samples in a few steps, for TCD and the unified Hyper-SD LoRAs.',
  docs: `
This is few-step sampling with trajectory consistency distillation (arXiv 2402.19159). It needs a checkpoint with a
TCD-LoRA, or with the Hyper-SD LoRA that is named after one step.

Set the guidance scale of the Sampler to 1. More steps bring more detail here; raise eta with them.
`,
  inputs: {
    steps: int({
      default: 4,
      min: 1,
      max: 50,
      description: 'The number of sampling steps, up to 50. 4 is usual. Up to 20 bring more detail.',
    }),
    eta: float({
      default: 0.3,
      min: 0,
      max: 1,
      step: 0.05,
      description:
        'How much of the noise is new in each step. 0 keeps the starting noise. 1 replaces all of it, as LCM does. Use 0.3 for 4 steps, more for more steps.',
    }),
    originalSteps,
    strengthMode,
    convention,
  },
  outputs: { scheduler: scheduler({ description: 'For the scheduler input of a Sampler.' }) },
  infer: () => ({ scheduler: { kind: 'scheduler' } }),
  check: stepsFault,
  lower: (plan, { originalSteps, strengthMode, ...spec }) => {
    const { tcd } = schedulerDefaults
    const schedule = { ...tcd.schedule, originalSteps, strengthMode }
    return { scheduler: plan.step('scheduler', {}, { spec: { ...tcd, ...spec, schedule } }) }
  },
})
