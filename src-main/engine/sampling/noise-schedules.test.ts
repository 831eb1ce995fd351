import { describe, expect, test } from 'vitest'
import type { Betas, Prediction } from '#core/families/training.ts'
import { type Schedule, type SchedulerSpec, type Spacing, schedulerDefaults } from '#core/plan/scheduler.ts'
import { largestDifference, readGolden } from '#test/goldens.ts'
import { diffusersStandIn, trajectory } from '#test/trajectory.ts'
import { mix } from '../tensor/linear.ts'
import { createSolver } from './create-solver.ts'
import { entry } from './grid.ts'
import { norm } from './level.ts'
import { betasOf, noiseSchedule, usualBetas, withZeroSnr } from './schedule.ts'

interface Run {
  readonly key: string
  readonly scheduler: string
  readonly steps: number
  readonly prediction: Prediction
  readonly curve: keyof typeof curves
  readonly zero: boolean
  readonly strength?: number
  readonly timesteps: readonly number[]
  /** With the final 0. Absent where diffusers has none. */
  readonly sigmas?: readonly number[]
}

/** Of `test/oracles/noise_schedules.py`. */
const golden = readGolden<{ readonly runs: readonly Run[]; readonly tolerance: number }>('noise-schedules')

const curves = {
  scaled_linear: usualBetas,
  linear: { curve: 'linear', start: 0.0001, end: 0.02 },
  squaredcos_cap_v2: { curve: 'squaredcos_cap_v2' },
} as const satisfies Record<string, Betas>

const spaced = (spacing: Spacing): Schedule => ({ kind: 'spaced', spacing, stepsOffset: 1 })
const { ddim, ddpm, euler, lcm, tcd, unipc, 'euler-ancestral': eulerAncestral } = schedulerDefaults
const { 'dpmpp-2m': dpmpp, 'dpmpp-2m-sde': dpmppSde } = schedulerDefaults
const schedule = spaced('trailing')

const specs: Readonly<Record<string, SchedulerSpec>> = {
  ddim: { ...ddim, schedule },
  ddpm: { ...ddpm, schedule },
  euler: { ...euler, schedule },
  'euler-karras': { ...euler, schedule: { kind: 'sigmas', name: 'karras' } },
  'euler-leading': { ...euler, schedule: spaced('leading') },
  'euler-ancestral': { ...eulerAncestral, schedule },
  'dpmpp-2m': { ...dpmpp, schedule },
  'dpmpp-2m-sde': { ...dpmppSde, schedule },
  unipc: { ...unipc, schedule },
  lcm,
  tcd,
}

/** Tolerance where diffusers' latent is thousands of times the noise, whose rounding to float32 alone is 1e-3. */
const roughly = 2e-3
const huge = 1000

describe('the noise schedules of files', () => {
  test.each(Object.entries(curves))('betas of %s, as they are and with zero terminal SNR', (name, curve) => {
    const betas = betasOf(curve)
    const key = `betas/${name}`
    expect(betas).toEqual(golden.floats(key))
    // PyTorch rounds some of its square roots the other way
    expect(largestDifference(withZeroSnr(betas), golden.floats(`${key}/zero`))).toBeLessThanOrEqual(3e-7)
    const alphas = (last?: number) => {
      const { sigmaAt } = noiseSchedule(curve, last)
      return Float32Array.from({ length: 1000 }, (_, t) => 1 / (sigmaAt(t) ** 2 + 1))
    }
    expect(largestDifference(alphas(), golden.floats(`alphas/${name}`))).toBeLessThanOrEqual(2e-7)
    expect(largestDifference(alphas(2 ** -80), golden.floats(`alphas/${name}/zero`))).toBeLessThanOrEqual(2e-7)
  })

  test('betas that a file lists are taken as they are', () => {
    const listed = Array.from(betasOf(usualBetas))
    expect(betasOf({ curve: 'trained', betas: listed })).toEqual(betasOf(usualBetas))
  })

  test.each(golden.json.runs)('$key, $steps steps of $prediction, $curve, zero SNR $zero', async (run) => {
    const { key, scheduler, steps, prediction, curve, zero, strength = 1, timesteps, sigmas } = run
    const spec: SchedulerSpec = { ...(specs[scheduler] ?? euler), steps }
    const solver = createSolver(spec, { prediction, betas: curves[curve], ...(zero && { zeroSnr: true }), strength })
    const start = golden.floats('x')
    const noises = golden.floats('noises')
    const levels = solver.levels.slice(0, -1)
    if (strength === 1) {
      expect(
        largestDifference(
          levels.map(({ timestep }) => timestep),
          timesteps,
        ),
      ).toBeLessThan(0.01)
    }
    if (sigmas && strength === 1) {
      const apart = solver.levels.map(({ sigma }, i) => Math.abs(sigma / (sigmas[i] || 1) - (sigmas[i] ? 1 : 0)))
      expect(Math.max(...apart)).toBeLessThan(1e-4)
    }
    const last = noises.subarray(noises.length - start.length)
    const first = strength < 1 ? solver.start(last, start) : solver.start(start)
    const latents = await trajectory(solver, first, noises, diffusersStandIn)
    const final = mix([1 / norm(entry(solver.levels, latents.length - 1).sigma), entry(latents, latents.length - 1)])
    const tolerance = scheduler.startsWith('euler') && (sigmas?.[0] ?? 0) > huge ? roughly : golden.json.tolerance
    expect(largestDifference(final, golden.floats(key))).toBeLessThanOrEqual(tolerance)
  })

  test('ComfyUI begins at the sigma that stands for noise alone there', () => {
    const spec = { ...euler, convention: 'comfy', steps: 4, schedule: { kind: 'sigmas', name: 'simple' } } as const
    const options = { prediction: 'v_prediction', zeroSnr: true, strength: 1 } as const
    const { levels, initNoiseSigma } = createSolver(spec, options)
    expect(levels[0]?.sigma).toBeCloseTo(Math.sqrt(1 / 4.8973451890853435e-8 - 1), 2)
    expect(initNoiseSigma).toBeCloseTo(Math.hypot(levels[0]?.sigma ?? 0, 1), 2)
    expect(levels.map(({ timestep }) => timestep)).toEqual([999, 749, 499, 249, 0])
  })

  test.each(Object.values(schedulerDefaults))('$kind spreads Karras levels from a sigma of 4096', (spec) => {
    const options = { prediction: 'v_prediction', zeroSnr: true, strength: 1 } as const
    const { levels } = createSolver({ ...spec, steps: 4, schedule: { kind: 'sigmas', name: 'karras' } }, options)
    expect(levels[0]?.sigma).toBeCloseTo(4096, 0)
  })

  test.each(Object.values(schedulerDefaults))('$kind magnifies nothing from noise alone', async (spec) => {
    const options = { prediction: 'v_prediction', zeroSnr: true, strength: 1 } as const
    const solver = createSolver({ ...spec, steps: 4, schedule }, options)
    const first = solver.start(golden.floats('x'))
    const latents = await trajectory(solver, first, golden.floats('noises'), diffusersStandIn)
    expect(Math.max(...entry(latents, latents.length - 1).map(Math.abs))).toBeLessThan(4)
  })
})
