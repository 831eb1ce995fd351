import { defineNode } from '../kit/define-node.ts'
import { choice, int, scheduler } from '../kit/ports.ts'
import { convention } from './convention.ts'
import { scheduleOf, scheduleTitles, solverTitles, specOf } from './solvers.ts'

export default defineNode({
  type: 'scheduler',
  version: 2,
  category: 'sampling',
  title: 'Scheduler',
  description: 'Samples in 15 to 50 steps with any model.',
  docs: `
These solvers are for ordinary models without an LCM-LoRA. DPM++ 2M and UniPC are good from 15 steps on, DDIM and Euler
from 25. Heun, DPM2, DPM++ 2S and DPM++ SDE run the model twice per step, so a step takes twice the time. The ancestral
solvers, the SDE solvers and DDPM add fresh noise in every step: the result is livelier, and changes with the number of
steps.

Set the guidance scale of the Sampler to about 4 to 8.
`,
  inputs: {
    solver: choice({
      default: 'dpmpp-2m',
      options: solverTitles,
      description: 'How each step is computed from the steps before.',
    }),
    steps: int({
      default: 20,
      min: 1,
      max: 1000,
      description:
        'The number of sampling steps. Time grows with it. Above 50 little changes. A model has 1000 timesteps, so 1000 is the maximum.',
    }),
    schedule: choice({
      default: 'usual',
      options: scheduleTitles,
      description:
        'How the noise level falls from step to step. The usual one is what the model asks for, if its folder names timesteps or it has zero terminal SNR, or else what suits the solver. Karras spends more steps on details. Trailing timesteps are for models distilled to few steps.',
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
  lower: (plan, { solver, steps, convention, ...chosen }) => {
    const schedule = scheduleOf(chosen.schedule, solver, convention)
    const usual = chosen.schedule === 'usual' && ({ usual: true } as const)
    const spec = { ...specOf(solver, convention), steps, convention, schedule, ...usual }
    return { scheduler: plan.step('scheduler', {}, { spec }) }
  },
})
