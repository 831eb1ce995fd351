import { describe, expect, test } from 'vitest'
import type { Prediction } from '#core/families/training.ts'
import {
  type Schedule,
  type SchedulerSpec,
  type SigmaSchedule,
  type SolverKind,
  schedulerDefaults,
} from '#core/plan/scheduler.ts'
import { largestDifference, readGolden } from '#test/goldens.ts'
import { diffusersStandIn, trajectory } from '#test/trajectory.ts'
import { mix } from '../tensor/linear.ts'
import { createSolver } from './create-solver.ts'
import { entry } from './grid.ts'
import { norm } from './level.ts'
import type { Solver } from './solver.ts'

interface DiffusersRun {
  readonly scheduler: string
  readonly prediction: Prediction
  readonly steps: number
  readonly key: string
  readonly timesteps: readonly number[]
  readonly init_noise_sigma: number
}

interface DistilledTable {
  readonly steps: number
  readonly original_steps: number
  readonly strength: number
  readonly timesteps: readonly number[]
}

interface DiffusersCase {
  readonly runs: readonly DiffusersRun[]
  readonly timesteps: { readonly lcm: readonly DistilledTable[]; readonly tcd: readonly DistilledTable[] }
  readonly tolerance: number
}

interface ComfyRun {
  readonly sampler: string
  readonly scheduler: SigmaSchedule
  readonly steps: number
  readonly key: string
}

interface ComfyCase {
  readonly runs: readonly ComfyRun[]
  readonly sigmas: Readonly<Record<string, readonly (number | null)[]>>
  readonly tolerance: number
}

interface OwnRun {
  readonly key: string
  readonly scheduler: string
  readonly num_inference_steps?: number
  readonly prediction?: Prediction
  readonly strength?: number
  readonly timesteps?: readonly number[]
}

const own = readGolden<{ readonly runs: readonly OwnRun[]; readonly tolerance: number }>('solvers')
const comfy = readGolden<ComfyCase>('samplers-comfy')
const diffusers = readGolden<DiffusersCase>('schedulers')

const { ddim, lcm, tcd, euler, 'euler-ancestral': eulerAncestral, 'dpmpp-2m': dpmpp } = schedulerDefaults
const { 'dpmpp-2m-sde': dpmppSde } = schedulerDefaults
const trailing: Schedule = { kind: 'spaced', spacing: 'trailing', stepsOffset: 1 }
const karras: Schedule = { kind: 'sigmas', name: 'karras' }
/** The schedule of TCD, which may use any timestep. */
const anyTimestep = { ...lcm.schedule, originalSteps: 1000 }

/** Specs by the names of the goldens, with the settings of their configs. */
const diffusersSpecs: Readonly<Record<string, SchedulerSpec>> = {
  lcm,
  tcd: { ...tcd, schedule: anyTimestep },
  ddim,
  'ddim-trailing': { ...ddim, schedule: trailing, setAlphaToOne: true },
  euler,
  'euler-trailing': { ...euler, schedule: trailing },
  euler_a: eulerAncestral,
  dpmpp_2m: dpmpp,
  dpmpp_2m_karras: { ...dpmpp, schedule: karras },
  dpmpp_2m_sde_karras: { ...dpmppSde, schedule: karras },
}

/** Schedulers whose goldens have variance-exploding latents. The latents of all others are divided by {@link norm}. */
const exploding = new Set(['euler', 'euler-trailing', 'euler_a'])

describe('diffusers', () => {
  const start = diffusers.floats('x')
  const noises = diffusers.floats('noises')

  test('has a spec for every scheduler of the golden', () => {
    expect(new Set(diffusers.json.runs.map(({ scheduler }) => scheduler))).toEqual(new Set(Object.keys(diffusersSpecs)))
  })

  test.each(diffusers.json.runs)('$key', async ({ scheduler, prediction, steps, key, timesteps, init_noise_sigma }) => {
    const spec = diffusersSpecs[scheduler] ?? euler
    const solver = createSolver({ ...spec, steps }, { prediction, strength: 1 })
    expect(solver.levels.slice(0, -1).map(({ timestep }) => timestep)).toEqual(timesteps)
    const scaleAt = (index: number) => (exploding.has(scheduler) ? 1 : norm(entry(solver.levels, index).sigma))
    expect(Math.abs(solver.initNoiseSigma / scaleAt(0) - init_noise_sigma)).toBeLessThan(1e-6)
    const expected = diffusers.floats(key)
    const [, ...latents] = await trajectory(solver, solver.start(start), noises, diffusersStandIn)
    for (const [index, latent] of latents.entries()) {
      const row = expected.subarray(index * start.length, (index + 1) * start.length)
      const scaled = mix([1 / scaleAt(index + 1), latent])
      expect(largestDifference(scaled, row), `step ${index}`).toBeLessThanOrEqual(diffusers.json.tolerance)
    }
  })

  for (const kind of ['lcm', 'tcd'] as const) {
    test.each(diffusers.json.timesteps[kind])(
      `${kind} timesteps: $steps of $original_steps at strength $strength`,
      ({ steps, strength, timesteps }) => {
        const schedule = kind === 'tcd' ? anyTimestep : lcm.schedule
        const { levels } = createSolver(
          { ...schedulerDefaults[kind], steps, schedule },
          { prediction: 'epsilon', strength },
        )
        expect(levels.slice(0, -1).map(({ timestep }) => timestep)).toEqual(timesteps)
      },
    )
  }
})

/** Specs of the goldens from `test/oracles/solvers.py`. */
const ownSpecs: Readonly<Record<string, SchedulerSpec>> = {
  ...schedulerDefaults,
  'dpmpp-sde': { ...schedulerDefaults['dpmpp-sde'], schedule: schedulerDefaults.euler.schedule },
  'heun-karras': { ...schedulerDefaults.heun, schedule: karras },
  'lms-karras': { ...schedulerDefaults.lms, schedule: karras },
  'unipc-3': { ...schedulerDefaults.unipc, order: 3 },
  'unipc-karras': { ...schedulerDefaults.unipc, schedule: karras },
  'unipc-bh1': { ...schedulerDefaults.unipc, variant: 'bh1' },
  'dpmpp-2m-trailing': { ...dpmpp, schedule: trailing },
  'euler-ancestral-trailing': { ...eulerAncestral, schedule: trailing },
}

describe('diffusers, the rest', () => {
  const start = own.floats('x')
  const noises = own.floats('noises')
  const count = noises.length / start.length

  test.each(own.json.runs)('$key', async ({ key, scheduler, prediction = 'epsilon', strength = 1, ...run }) => {
    const spec = ownSpecs[scheduler] ?? euler
    const { timesteps, num_inference_steps: steps = 0 } = run
    const schedule: Schedule = timesteps ? { kind: 'timesteps', timesteps } : spec.schedule
    const solver = createSolver({ ...spec, steps, schedule }, { prediction, strength })
    const last = noises.subarray((count - 1) * start.length)
    const first = strength < 1 ? solver.start(last, start) : solver.start(start)
    const latents = await trajectory(solver, first, noises, diffusersStandIn)
    // there bh1 divides zero by zero in the step to sigma 0
    const at = scheduler === 'unipc-bh1' ? latents.length - 2 : latents.length - 1
    const final = mix([1 / norm(entry(solver.levels, at).sigma), entry(latents, at)])
    expect(largestDifference(final, own.floats(key))).toBeLessThanOrEqual(own.json.tolerance)
  })
})

describe('ComfyUI', () => {
  const start = comfy.floats('x')
  const noises = comfy.floats('noises')
  const { tolerance, runs, sigmas } = comfy.json

  test.each(Object.entries(sigmas))('sigmas of %s', (key, expected) => {
    const [name, steps] = key.split('/') as [SigmaSchedule, string]
    const spec = { ...euler, convention: 'comfy', steps: Number(steps), schedule: { kind: 'sigmas', name } } as const
    const { levels } = createSolver(spec, { prediction: 'epsilon', strength: 1 })
    // kl_optimal with one step divides by 0 there; here it begins at the largest sigma, like every schedule
    const wanted = expected.map((sigma) => sigma ?? 14.614642)
    expect(
      largestDifference(
        levels.map(({ sigma }) => sigma),
        wanted,
      ),
    ).toBeLessThan(tolerance)
  })

  test.each(runs)('$key', async ({ sampler, scheduler, steps, key }) => {
    const kind = sampler.replaceAll('_', '-') as SolverKind
    const spec: SchedulerSpec = {
      ...schedulerDefaults[kind],
      convention: 'comfy',
      steps,
      schedule: { kind: 'sigmas', name: scheduler },
    }
    const options = { prediction: 'sample', strength: 1 } as const
    // the golden calls the samplers with the whole schedule, from which KSampler drops a level for some samplers
    const { levels } = createSolver({ ...spec, kind: 'euler' }, options)
    const solver = { ...createSolver(spec, options), levels }
    const predictAt = (sigma: number) => async (scaled: Float32Array) =>
      scaled.map((value) => {
        const x = value * norm(sigma)
        return 0.8 * Math.tanh(x / (1 + sigma)) + (0.1 * x) / (1 + sigma ** 2)
      })
    const denoising: Solver = { ...solver, denoise: (x, sigma) => solver.denoise(x, sigma, predictAt(sigma)) }
    const first = mix([entry(solver.levels, 0).sigma, start])
    const latents = await trajectory(denoising, first, noises, async (latent) => latent)
    expect(largestDifference(latents.at(-1) ?? [], comfy.floats(key))).toBeLessThanOrEqual(tolerance)
  })
})
