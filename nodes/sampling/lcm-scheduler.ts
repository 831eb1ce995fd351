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
  description: 'Draws in a handful of steps, for models and LoRAs made for latent consistency.',
  docs: `
Few-step drawing after latent consistency models (arXiv 2310.04378). It needs a model that was made for it: a checkpoint with
an LCM-LoRA on top, or a full latent consistency checkpoint. Without one the picture stays blurred.

Set the guidance scale of the Sampler to 1, or up to 2 for a little more obedience to the prompt.
`,
  inputs: {
    steps: int({
      default: 4,
      min: 1,
      max: 1000,
      description:
        'How often the model works on the picture. These models are made for 2 to 8; more rarely helps. There can be no more than original steps, 1000 at most.',
    }),
    originalSteps,
    picks: choice({
      default: 'even',
      options: { even: 'Spread over the grid', stride: 'With one stride (legacy)' },
      advanced: true,
      description:
        'How the steps are picked from the grid. With one stride, 4 steps are 999, 759, 519, 279 instead of 999, 759, 499, 259: as in the first LCM code, for pictures of that time.',
    }),
    strengthMode,
    convention,
  },
  outputs: { scheduler: scheduler({ description: 'For the scheduler input of a Sampler.' }) },
  infer: () => ({ scheduler: { kind: 'scheduler' } }),
  check: stepsFault,
  lower: (plan, { steps, convention, ...schedule }) => ({
    scheduler: plan.scheduler({
      ...schedulerDefaults.lcm,
      steps,
      convention,
      schedule: { kind: 'distilled', ...schedule },
    }),
  }),
})
