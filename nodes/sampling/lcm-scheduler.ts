import { LoomError } from '#core/errors.ts'
import { schedulerDefaults } from '#core/plan/scheduler.ts'
import { defineNode } from '../kit/define-node.ts'
import { choice, int, scheduler } from '../kit/ports.ts'
import { convention } from './convention.ts'
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
    originalSteps: int({
      default: 50,
      min: 1,
      max: 1000,
      advanced: true,
      description:
        'Steps of the grid that the model was distilled on, from which the steps are picked. Published models use 50; a model has 1000 timesteps, so there can be no more.',
    }),
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
  check: ({ steps, originalSteps }) => {
    if (steps.min <= originalSteps.max) return undefined
    const message = `${steps.min} steps cannot be picked from a grid of ${originalSteps.max} original steps.`
    return new LoomError('range', message, { input: 'steps', hint: 'Lower the steps; 4 is usual.' })
  },
  lower: (plan, { steps, convention, ...schedule }) => ({
    scheduler: plan.scheduler({
      ...schedulerDefaults.lcm,
      steps,
      convention,
      schedule: { kind: 'distilled', ...schedule },
    }),
  }),
})
