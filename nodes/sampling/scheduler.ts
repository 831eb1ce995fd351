import { type SchedulerSpec, schedulerDefaults } from '#core/plan/scheduler.ts'
import { defineNode } from '../kit/define-node.ts'
import { choice, int, scheduler } from '../kit/ports.ts'
import { convention } from './convention.ts'

const { ddim, euler, 'euler-ancestral': eulerAncestral, 'dpmpp-2m': dpmpp } = schedulerDefaults

/** The solvers of the menu, each with what it sets besides the steps. */
const solvers = {
  ddim,
  euler,
  'euler-ancestral': eulerAncestral,
  'dpmpp-2m': dpmpp,
  'dpmpp-2m-karras': { ...dpmpp, karras: true },
} satisfies Readonly<Record<string, SchedulerSpec>>

export default defineNode({
  type: 'scheduler',
  version: 1,
  category: 'sampling',
  title: 'Scheduler',
  description: 'Draws in 15 to 50 steps with any model.',
  docs: `
The solvers for models as they come, without an LCM-LoRA. DPM++ 2M with Karras noise levels is good from 15 steps on, DDIM and
Euler from 25. Euler ancestral adds fresh noise at every step: livelier, and different with every number of steps.

Set the guidance scale of the Sampler to about 4 to 8.
`,
  inputs: {
    solver: choice({
      default: 'dpmpp-2m-karras',
      options: {
        ddim: 'DDIM',
        euler: 'Euler',
        'euler-ancestral': 'Euler ancestral',
        'dpmpp-2m': 'DPM++ 2M',
        'dpmpp-2m-karras': 'DPM++ 2M Karras',
      },
      description: 'How each step follows from the ones before.',
    }),
    steps: int({
      default: 20,
      min: 1,
      max: 1000,
      description:
        'How often the model works on the picture; time grows with it. Above 50 little changes. A model has 1000 timesteps, so there can be no more.',
    }),
    convention,
  },
  outputs: { scheduler: scheduler({ description: 'For the scheduler input of a Sampler.' }) },
  infer: () => ({ scheduler: { kind: 'scheduler' } }),
  lower: (plan, { solver, steps, convention }) => ({
    scheduler: plan.scheduler({ ...solvers[solver], steps, convention }),
  }),
})
