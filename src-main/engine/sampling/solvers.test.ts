import { describe, expect, test } from 'vitest'
import type { SchedulerSpec } from '#core/plan/scheduler.ts'
import { schedulerDefaults } from '#core/plan/scheduler.ts'
import { largestDifference, readGolden } from '#test/goldens.ts'
import { createSolver } from './create-solver.ts'
import type { Prediction } from './solver.ts'

interface Run {
  readonly scheduler: string
  readonly prediction: Prediction
  readonly steps: number
  readonly key: string
  readonly timesteps: readonly number[]
  readonly init_noise_sigma: number
  readonly noise_draws: number
}

interface LcmTable {
  readonly steps: number
  readonly original_steps: number
  readonly strength: number
  readonly timesteps: readonly number[]
}

const golden = readGolden<{ runs: Run[]; timesteps: { lcm: LcmTable[] }; tolerance: number }>('schedulers')
const start = golden.floats('x')
const noises = golden.floats('noises')
const size = start.length

/** The goldens' schedulers that are built here, with the settings of their configs. */
const specs: Record<string, (steps: number) => SchedulerSpec> = {
  lcm: (steps) => ({ ...schedulerDefaults.lcm, steps }),
  ddim: (steps) => ({ ...schedulerDefaults.ddim, steps }),
  'ddim-trailing': (steps) => ({ ...schedulerDefaults.ddim, steps, spacing: 'trailing', setAlphaToOne: true }),
  euler: (steps) => ({ ...schedulerDefaults.euler, steps }),
  'euler-trailing': (steps) => ({ ...schedulerDefaults.euler, steps, spacing: 'trailing' }),
  euler_a: (steps) => ({ ...schedulerDefaults['euler-ancestral'], steps }),
  dpmpp_2m: (steps) => ({ ...schedulerDefaults['dpmpp-2m'], steps }),
  dpmpp_2m_karras: (steps) => ({ ...schedulerDefaults['dpmpp-2m'], steps, karras: true }),
}

/** The goldens' stand-in for a network. */
function model(latent: Float32Array, timestep: number): Float32Array {
  return latent.map((x) => 0.9 * Math.tanh(x * (1 + timestep / 1000)) + 0.05 * Math.sin(3 * x))
}

describe('solvers follow diffusers', () => {
  for (const [scheduler, specOf] of Object.entries(specs)) {
    const runs = golden.json.runs.filter((run) => run.scheduler === scheduler)
    test(`${scheduler} has runs in both predictions`, () => {
      expect(new Set(runs.map(({ prediction }) => prediction))).toEqual(new Set(['epsilon', 'v_prediction']))
    })
    for (const run of runs) {
      test(run.key, () => {
        const solver = createSolver(specOf(run.steps), { prediction: run.prediction, strength: 1 })
        expect(solver.timesteps).toEqual(run.timesteps)
        expect(Math.abs(solver.initNoiseSigma - run.init_noise_sigma)).toBeLessThan(1e-6)
        const expected = golden.floats(run.key)
        let latent: Float32Array = start.map((x) => x * solver.initNoiseSigma)
        let draws = 0
        for (const [step, timestep] of solver.timesteps.entries()) {
          const output = model(solver.scaleInput(latent, step), timestep)
          latent = solver.step(output, step, latent, () => noises.subarray(draws * size, ++draws * size)).next
          const row = expected.subarray(step * size, (step + 1) * size)
          expect(largestDifference(latent, row), `step ${step}`).toBeLessThanOrEqual(golden.json.tolerance)
        }
        expect(draws).toBe(run.noise_draws)
      })
    }
  }

  for (const { steps, original_steps, strength, timesteps } of golden.json.timesteps.lcm) {
    test(`lcm timesteps: ${steps} of ${original_steps} at strength ${strength}`, () => {
      const spec = { ...schedulerDefaults.lcm, steps, originalSteps: original_steps }
      expect(createSolver(spec, { prediction: 'epsilon', strength }).timesteps).toEqual(timesteps)
    })
  }
})
