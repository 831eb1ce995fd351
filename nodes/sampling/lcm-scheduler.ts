import { schedulerDefaults } from '#core/plan/scheduler.ts'
import { defineNode } from '../kit/define-node.ts'
import { choice, int, scheduler } from '../kit/ports.ts'
import { convention } from './convention.ts'
import { originalSteps, stepsFault } from './original-steps.ts'
import { strengthMode } from './strength-mode.ts'

export default defineNode({
  type: 'lcm-scheduler',
  version: 1,
  category: 'sampling',
  title: 'LCM Scheduler',
  description: 'Samples in a few steps, for models and LoRAs trained for latent consistency.',
  docs: `
This is few-step sampling with latent consistency models (arXiv 2310.04378). It needs a checkpoint with an LCM-LoRA, or
a full latent consistency checkpoint. With any other model the picture stays blurred.

Set the guidance scale of the Sampler to 1, or up to 2 to follow the prompt a little more closely.
`,
  inputs: {
    steps: int({
      default: 4,
      min: 1,
      max: 1000,
      description:
        'The number of sampling steps. These models are made for 2 to 8; more steps rarely help. The maximum is the number of original steps, at most 1000.',
    }),
    originalSteps,
    picks: choice({
      default: 'even',
      options: { even: 'Spread over the grid', stride: 'With one stride (legacy)' },
      advanced: true,
      description:
        'How the steps are picked from the grid. With one stride, 4 steps are 999, 759, 519, 279 instead of 999, 759, 499, 259. The first LCM code did this; use it to reproduce pictures of that time.',
    }),
    strengthMode,
    convention,
  },
  outputs: { scheduler: scheduler({ description: 'For the scheduler input of a Sampler.' }) },
  infer: () => ({ scheduler: { kind: 'scheduler' } }),
  check: stepsFault,
  lower: (plan, { steps, convention, ...picked }) => {
    const schedule = { kind: 'distilled', ...picked } as const
    return {
      scheduler: plan.step('scheduler', {}, { spec: { ...schedulerDefaults.lcm, steps, convention, schedule } }),
    }
  },
})
