import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LoomError } from '#core/errors.ts'
import type { Prediction } from '#core/families/training.ts'
import {
  type Convention,
  type Schedule,
  type SchedulerSpec,
  type SigmaSchedule,
  type SolverKind,
  schedulerDefaults,
  sigmaSchedules,
  solverKinds,
} from '#core/plan/scheduler.ts'
import { largestDifference } from '#test/goldens.ts'
import { mix } from '../tensor/linear.ts'
import { createSolver } from './create-solver.ts'
import { norm } from './level.ts'
import { TorchGenerator } from './noise.ts'
import { runSampler } from './run-sampler.ts'
import type { Solver } from './solver.ts'

const options = { prediction: 'epsilon', strength: 1 } as const

const sigmaNames = Object.keys(sigmaSchedules) as SigmaSchedule[]
const { lcm, tcd, ddim, euler, 'dpm-2': dpm2 } = schedulerDefaults

/** Every solver in both conventions. */
const everySpec = solverKinds.flatMap((kind) =>
  (['diffusers', 'comfy'] as const).map((convention): SchedulerSpec => ({ ...schedulerDefaults[kind], convention })),
)
/**
 * Solvers whose last step in diffusers does not end at the clean latent: it ends at the noise level of timestep 0, uses
 * a boundary scaling, or a polynomial, which magnifies rounding. UniPC stops at sigma 0.001 in ComfyUI.
 */
const looseEnds = new Set<SolverKind>(['ddim', 'tcd', 'deis', 'lcm', 'lms'])

const schedules = fc.oneof(
  fc.constantFrom(...sigmaNames).map((name): Schedule => ({ kind: 'sigmas', name })),
  fc
    .constantFrom('leading' as const, 'trailing' as const, 'linspace' as const)
    .map((spacing): Schedule => ({ kind: 'spaced', spacing, stepsOffset: 1 })),
  fc
    .uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 30 })
    .map((timesteps): Schedule => ({ kind: 'timesteps', timesteps: timesteps.sort((a, b) => b - a) })),
)
const conventions = fc.constantFrom<Convention>('diffusers', 'comfy')
const strengths = fc.double({ min: 0.2, max: 1, noNaN: true })
const seeds = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n })
const latentOf = (seed: bigint) => new TorchGenerator(seed).randn([1, 4, 2, 4])

/** A whole run with a network that predicts the same clean latent for every input. */
function runTowards(solver: Solver, clean: Float32Array, seed: bigint): Promise<Float32Array> {
  const generator = new TorchGenerator(seed)
  return runSampler(
    { ...solver, denoise: async () => clean },
    { initial: generator, fresh: generator },
    { shape: [1, 4, 2, 4], latent: clean },
    { predict: async (latent) => latent, stepped: async () => undefined },
  )
}

describe('createSolver', () => {
  test.each(solverKinds)('%s ends at the clean latent that the network names, on every schedule', async (kind) => {
    const runs = fc.record({ convention: conventions, schedule: schedules, strength: strengths, seed: seeds })
    await fc.assert(
      fc.asyncProperty(runs, fc.integer({ min: 5, max: 30 }), async ({ seed, strength, ...grid }, steps) => {
        // DDIM's strides fit only the `leading` spacing
        fc.pre(kind !== 'ddim' || grid.schedule.kind !== 'spaced' || grid.schedule.spacing === 'leading')
        fc.pre(grid.schedule.kind !== 'timesteps' || grid.schedule.timesteps.length * strength >= 1)
        const clean = latentOf(seed)
        const solver = createSolver({ ...schedulerDefaults[kind], ...grid, steps }, { ...options, strength })
        const result = await runTowards(solver, clean, seed + 1n)
        const tolerance = looseEnds.has(kind) && grid.convention === 'diffusers' ? 0.2 : kind === 'unipc' ? 5e-3 : 1e-3
        expect(largestDifference(result, clean)).toBeLessThan(tolerance)
      }),
      { numRuns: 40 },
    )
  })

  test('levels fall to 0 and lie on the training grid', () => {
    fc.assert(
      fc.property(
        fc.record({ kind: fc.constantFrom(...solverKinds), convention: conventions, schedule: schedules }),
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 0.5, max: 1, noNaN: true }),
        ({ kind, ...grid }, steps, strength) => {
          fc.pre(grid.schedule.kind !== 'timesteps' || grid.schedule.timesteps.length >= 2)
          const { levels } = createSolver({ ...schedulerDefaults[kind], ...grid, steps }, { ...options, strength })
          expect(levels.at(-1)).toEqual({ sigma: 0, timestep: 0 })
          for (const [i, { sigma, timestep }] of levels.entries()) {
            expect(sigma).toBeLessThan(levels[i - 1]?.sigma ?? 14.7)
            expect(timestep).toBeLessThanOrEqual(levels[i - 1]?.timestep ?? 999)
            expect(timestep).toBeGreaterThanOrEqual(0)
          }
        },
      ),
    )
  })

  test.each(everySpec)('$kind, $convention: gives the same run again and writes into nothing', async (spec) => {
    const shape = [1, 4, 2, 4]
    const latent = latentOf(1n)
    const once = () => {
      const generator = new TorchGenerator(2n)
      const solver = createSolver(spec, { ...options, strength: 0.9 })
      return runSampler(
        solver,
        { initial: generator, fresh: generator },
        { shape, latent },
        { predict: async (x) => x.map(Math.tanh), stepped: async () => undefined },
      )
    }
    expect(await once()).toEqual(await once())
    expect(latent).toEqual(latentOf(1n))
  })

  test.each(everySpec)('$kind, $convention: a step counts once however often the network is asked', async (spec) => {
    const steps: number[] = []
    const generator = new TorchGenerator(2n)
    await runSampler(
      createSolver({ ...spec, steps: 4 }, options),
      { initial: generator, fresh: generator },
      { shape: [1, 4, 2, 4] },
      {
        predict: async (x) => x,
        stepped: async (step, of) => {
          steps.push(step, of)
        },
      },
    )
    expect(steps).toEqual([1, 4, 2, 4, 3, 4, 4, 4])
  })

  test.each(everySpec)('$kind, $convention: shows the network a latent of variance 1', async (spec) => {
    const solver = createSolver(spec, options)
    const noisy = solver.start(new TorchGenerator(2n).randn([4096]), new TorchGenerator(1n).randn([4096]))
    const { sigma } = solver.levels[0] ?? { sigma: 0 }
    let variance = 0
    await solver.denoise(noisy, sigma, async (latent) => {
      variance = latent.reduce((sum, x) => sum + x * x, 0) / 4096
      return latent
    })
    expect(Math.abs(variance - 1)).toBeLessThan(0.1)
  })

  test('the network may be asked in any prediction for the same clean latent', async () => {
    const [clean, noise] = [latentOf(8n), latentOf(9n)]
    const sigma = 3
    const noisy = mix([1, clean], [sigma, noise])
    const velocity = mix([1 / norm(sigma), noise], [-sigma / norm(sigma), clean])
    for (const [prediction, output] of [
      ['epsilon', noise],
      ['v_prediction', velocity],
      ['sample', clean],
    ] as const satisfies readonly (readonly [Prediction, Float32Array])[]) {
      const denoised = await createSolver(euler, { prediction, strength: 1 }).denoise(noisy, sigma, async () => output)
      expect(largestDifference(denoised, clean), prediction).toBeLessThan(1e-5)
    }
  })

  test('lcm timesteps fall and lie on the distillation grid, whatever the steps and the strength', () => {
    const cases = fc.record({
      originalSteps: fc.integer({ min: 1, max: 1000 }),
      steps: fc.integer({ min: 1, max: 60 }),
      strength: strengths,
      strengthMode: fc.constantFrom('truncate' as const, 'skip' as const),
      picks: fc.constantFrom('even' as const, 'stride' as const),
    })
    fc.assert(
      fc.property(cases, ({ originalSteps, steps, strength, strengthMode, picks }) => {
        fc.pre(Math.trunc(originalSteps * strength) >= steps && Math.trunc(steps * strength) >= 1)
        const schedule: Schedule = { kind: 'distilled', originalSteps, strengthMode, picks }
        const { levels } = createSolver({ ...lcm, steps, schedule }, { ...options, strength })
        const timesteps = levels.slice(0, -1).map(({ timestep }) => timestep)
        const stride = Math.floor(1000 / originalSteps)
        expect(timesteps.length).toBe(strengthMode === 'truncate' ? steps : Math.trunc(steps * strength))
        expect(timesteps.every((t, i) => t < (timesteps[i - 1] ?? 1000) && t >= 0 && (t + 1) % stride === 0)).toBe(true)
        if (strengthMode === 'truncate') expect(timesteps[0]).toBe(Math.trunc(originalSteps * strength) * stride - 1)
      }),
    )
  })

  test('lcm timesteps of one stride are those of the first LCM code', () => {
    const legacy: SchedulerSpec = { ...lcm, schedule: { ...lcm.schedule, picks: 'stride' } }
    expect(timestepsOf(legacy)).toEqual([999, 759, 519, 279])
    expect(timestepsOf({ ...legacy, steps: 8 })).toEqual([999, 879, 759, 639, 519, 399, 279, 159])
  })

  test('lcm is the identity at timestep 0: the boundary condition of consistency models', async () => {
    const solver = createSolver({ ...lcm, schedule: { kind: 'timesteps', timesteps: [0] } }, options)
    const from = solver.levels[0] ?? { sigma: 0, timestep: 0 }
    const noisy = latentOf(2n)
    const tools = { denoise: async () => latentOf(1n), noise: () => latentOf(3n) }
    const { next } = await solver.advance(noisy, { index: 0, from, to: { sigma: 0, timestep: 0 } }, tools)
    expect(largestDifference(next, mix([1 / norm(from.sigma), noisy]))).toBe(0)
  })

  test('tcd with eta 0 draws no noise, with eta 1 what LCM draws but for its boundary', async () => {
    const few: SchedulerSpec = { ...tcd, convention: 'comfy', schedule: { kind: 'timesteps', timesteps: [999, 600] } }
    const drawn = async (spec: SchedulerSpec) => {
      const generator = new TorchGenerator(1n)
      let draws = 0
      const fresh = {
        randn: (shape: readonly number[]) => {
          draws += 1
          return generator.randn(shape)
        },
      }
      const hooks = { predict: async (x: Float32Array) => x.map(Math.tanh), stepped: async () => undefined }
      const latent = await runSampler(
        createSolver(spec, options),
        { initial: fresh, fresh },
        { shape: [1, 4, 2, 4] },
        hooks,
      )
      return { latent, draws }
    }
    expect((await drawn({ ...few, eta: 0 })).draws).toBe(1)
    const [one, consistent] = [await drawn({ ...few, eta: 1 }), await drawn({ ...few, kind: 'lcm' })]
    expect([one.draws, consistent.draws]).toEqual([2, 2])
    // eta 1 goes to timestep 0, whose level is not quite 0
    expect(largestDifference(one.latent, consistent.latent)).toBeLessThan(0.1)
  })

  test('a strength below 1 leaves out the first steps, or under comfy takes the last of a longer run', () => {
    const part = { ...options, strength: 0.6 }
    for (const spec of [
      ddim,
      euler,
      { ...lcm, schedule: { ...lcm.schedule, strengthMode: 'skip' } },
    ] as SchedulerSpec[]) {
      const whole = createSolver(spec, options).levels
      expect(createSolver(spec, part).levels).toEqual(whole.slice(spec.steps - Math.trunc(spec.steps * 0.6)))
    }
    const karras: SchedulerSpec = {
      ...euler,
      convention: 'comfy',
      steps: 6,
      schedule: { kind: 'sigmas', name: 'karras' },
    }
    expect(createSolver(karras, part).levels).toEqual(createSolver({ ...karras, steps: 10 }, options).levels.slice(4))
    const explicit: SchedulerSpec = { ...karras, schedule: { kind: 'timesteps', timesteps: [999, 749, 499, 249] } }
    expect(createSolver(explicit, part).levels.map(({ timestep }) => timestep)).toEqual([499, 249, 0])
  })

  test('a run in two parts with the noise left between is the run in one', async () => {
    const predict = async (x: Float32Array) => x.map(Math.tanh)
    const hooks = { predict, stepped: async () => undefined }
    for (const spec of [euler, { ...euler, convention: 'comfy' }, ddim] as SchedulerSpec[]) {
      const [whole, first, second] = [undefined, [0, 10, true] as const, [10, 1000, false] as const].map((part) =>
        createSolver(spec, {
          ...options,
          part: part && { start: part[0], end: part[1], keepsNoise: part[2] },
        }),
      )
      if (!whole || !first || !second) throw new Error('three solvers')
      const shape = [1, 4, 2, 4]
      const source = () => {
        const initial = new TorchGenerator(3n)
        return { initial, fresh: initial }
      }
      const silent = { initial: { randn: () => new Float32Array(32) }, fresh: source().fresh }
      const half = await runSampler(first, source(), { shape }, hooks)
      const result = await runSampler(second, silent, { shape, latent: half }, hooks)
      expect(largestDifference(result, await runSampler(whole, source(), { shape }, hooks))).toBeLessThan(1e-5)
    }
  })

  test('a part that keeps no noise ends clean wherever it ends', async () => {
    for (const spec of everySpec) {
      const solver = createSolver(spec, { ...options, part: { start: 0, end: 2, keepsNoise: false } })
      const clean = latentOf(1n)
      const loose = spec.convention === 'diffusers' && looseEnds.has(spec.kind) ? 0.2 : 5e-3
      expect(largestDifference(await runTowards(solver, clean, 2n), clean), spec.kind).toBeLessThan(loose)
    }
  })

  test('under comfy a low strength takes the last of more steps than there are timesteps', () => {
    const { levels } = createSolver(
      { ...euler, convention: 'comfy', steps: 20, schedule: { kind: 'sigmas', name: 'simple' } },
      { ...options, strength: 0.01 },
    )
    // the last 20 of 2000 steps, in which each timestep occurs twice
    expect(levels.map(({ timestep }) => timestep)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0])
  })

  test('under comfy a strength that would need a longer run than the grid has is refused', () => {
    const trailing: Schedule = { kind: 'spaced', spacing: 'trailing', stepsOffset: 1 }
    const skipping: Schedule = { ...lcm.schedule, strengthMode: 'skip' }
    for (const [schedule, steps] of [
      [trailing, 20],
      [skipping, 4],
    ] as const) {
      const spec: SchedulerSpec = { ...lcm, convention: 'comfy', steps, schedule }
      expectRange(() => createSolver(spec, { ...options, strength: 0.01 }), 'strength')
    }
  })

  test('a part without a step is refused, one that keeps no noise ends at 0', () => {
    expectRange(() => createSolver(euler, { ...options, part: { start: 25, end: 30, keepsNoise: false } }), 'startStep')
    const { levels } = createSolver(euler, { ...options, part: { start: 3, end: 5, keepsNoise: false } })
    expect(levels.map(({ timestep }) => timestep)).toEqual([841, 801, 0])
  })

  test('under comfy DPM2 and UniPC leave out the last level above 0 of a longer run', () => {
    const schedule: Schedule = { kind: 'sigmas', name: 'karras' }
    const longer = createSolver({ ...euler, convention: 'comfy', steps: 5, schedule }, options).levels
    const { levels } = createSolver({ ...dpm2, convention: 'comfy', steps: 4, schedule }, options)
    expect(levels).toEqual([...longer.slice(0, 4), { sigma: 0, timestep: 0 }])
  })

  test.each(everySpec)('$kind, $convention: refuses steps and strengths that are out of range', (spec) => {
    for (const steps of [0, -1, 1.5, Number.NaN, 1001, Number.POSITIVE_INFINITY]) {
      expectRange(() => createSolver({ ...spec, steps }, options), 'steps')
    }
    for (const strength of [0, -0.5, 1.01, Number.NaN]) {
      expectRange(() => createSolver(spec, { ...options, strength }), 'strength')
    }
    for (const timesteps of [[], [999, 999], [1, 2], [1000], [-1], [1.5]]) {
      expectRange(() => createSolver({ ...spec, schedule: { kind: 'timesteps', timesteps } }, options), 'timesteps')
    }
  })

  test('a grid that has an entry more than is used holds one step less', () => {
    const spec: SchedulerSpec = { ...schedulerDefaults.unipc, steps: 1000 }
    expectRange(() => createSolver(spec, options), 'steps')
    expect(createSolver({ ...spec, steps: 999 }, options).levels).toHaveLength(1000)
  })

  test('lcm refuses more steps than the grid has, before and after the strength', () => {
    expectRange(() => createSolver({ ...lcm, steps: 51 }, options), 'steps')
    expectRange(() => createSolver({ ...lcm, steps: 8 }, { ...options, strength: 0.1 }), 'strength')
    for (const originalSteps of [0, 2.5, 1001]) {
      const schedule = { ...lcm.schedule, originalSteps }
      expectRange(() => createSolver({ ...lcm, steps: 1, schedule }, options), 'originalSteps')
    }
  })

  test('an offset that leaves the training grid is refused', () => {
    for (const stepsOffset of [200, -5]) {
      const schedule: Schedule = { kind: 'spaced', spacing: 'leading', stepsOffset }
      expectRange(() => createSolver({ ...euler, schedule }, options), 'steps')
    }
  })
})

function timestepsOf(spec: SchedulerSpec): readonly number[] {
  return createSolver(spec, options)
    .levels.slice(0, -1)
    .map(({ timestep }) => timestep)
}

function expectRange(action: () => unknown, input: string): void {
  let thrown: unknown
  try {
    action()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(LoomError)
  expect(thrown).toMatchObject({ code: 'range', hint: expect.any(String), input })
}
