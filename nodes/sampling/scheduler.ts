import { defineNode } from '../kit/define-node.ts'
import { choice, int, scheduler } from '../kit/ports.ts'
import { convention } from './convention.ts'
import { scheduleOf, scheduleTitles, solverTitles, specOf } from './solvers.ts'

export default defineNode({
  type: 'scheduler',
  version: 2,
  category: 'sampling',
  title: 'Scheduler',
  description: 'Draws in 15 to 50 steps with any model.',
  docs: `
The solvers for models as they come, without an LCM-LoRA. DPM++ 2M and UniPC are good from 15 steps on, DDIM and Euler from 25.
Heun, DPM2, DPM++ 2S and DPM++ SDE ask the model twice in each step, so a step takes twice the time. The ancestral ones, SDE and DDPM add fresh
noise in every step: livelier, and different with every number of steps.

Set the guidance scale of the Sampler to about 4 to 8.
`,
  inputs: {
    solver: choice({
      default: 'dpmpp-2m',
      options: solverTitles,
      description: 'How each step follows from the ones before.',
    }),
    steps: int({
      default: 20,
      min: 1,
      max: 1000,
      description:
        'How often the model works on the picture; time grows with it. Above 50 little changes. A model has 1000 timesteps, so there can be no more.',
    }),
    schedule: choice({
      default: 'usual',
      options: scheduleTitles,
      description:
        'How the noise falls from step to step. Karras spends more steps on details; trailing timesteps are for models distilled to few steps.',
    }),
    convention,
  },
  outputs: { scheduler: scheduler({ description: 'For the scheduler input of a Sampler.' }) },
  migrate: {
    /** Karras was a solver of its own. */
    2: (inputs) => {
      if (inputs.solver === 'dpmpp-2m-karras') return { ...inputs, solver: 'dpmpp-2m', schedule: 'karras' }
      return inputs.solver === 'dpmpp-2m' ? { ...inputs, schedule: 'linspace' } : inputs
    },
  },
  infer: () => ({ scheduler: { kind: 'scheduler' } }),
  lower: (plan, { solver, steps, schedule, convention }) => ({
    scheduler: plan.scheduler({
      ...specOf(solver, convention),
      steps,
      convention,
      schedule: scheduleOf(schedule, solver, convention),
    }),
  }),
})
