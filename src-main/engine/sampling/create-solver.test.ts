import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { type SchedulerSpec, schedulerDefaults } from '#core/plan/scheduler.ts'
import { largestDifference } from '#test/goldens.ts'
import { createSolver } from './create-solver.ts'
import { TorchGenerator } from './noise.ts'
import { alphaCumprodAt } from './schedule.ts'
import type { Prediction, Solver } from './solver.ts'

const options = { prediction: 'epsilon', strength: 1 } as const
const everyKind: SchedulerSpec[] = [
  ...Object.values(schedulerDefaults),
  { ...schedulerDefaults['dpmpp-2m'], karras: true },
]
/** Solvers that keep the noise they are given and end at noise level 0. */
const deterministic: SchedulerSpec[] = [
  { ...schedulerDefaults.ddim, setAlphaToOne: true },
  schedulerDefaults.euler,
  schedulerDefaults['dpmpp-2m'],
  { ...schedulerDefaults['dpmpp-2m'], karras: true },
]

type Network = (latent: Float32Array, lastNoise: Float32Array) => Float32Array

/** A whole run from the clean latent and noise, with a network that may know the noise. */
function run(solver: Solver, clean: Float32Array, generator: TorchGenerator, network: Network): Float32Array {
  let lastNoise = generator.randn([clean.length])
  const draw = () => {
    lastNoise = generator.randn([clean.length])
    return lastNoise
  }
  let latent = solver.addNoise(clean, lastNoise)
  for (const step of solver.timesteps.keys()) {
    latent = solver.step(network(latent, lastNoise), step, latent, draw).next
  }
  return latent
}

const seeds = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n })
const strengths = fc.double({ min: 0.2, max: 1, noNaN: true })
const latentOf = (seed: bigint) => new TorchGenerator(seed).randn([4, 8])

describe('createSolver', () => {
  test.each(deterministic)('$kind recovers the clean latent from the exact noise', (defaults) => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 5, max: 40 }), strengths, (seed, steps, strength) => {
        const clean = latentOf(seed)
        const solver = createSolver({ ...defaults, steps }, { ...options, strength })
        const result = run(solver, clean, new TorchGenerator(seed + 1n), (_, noise) => noise)
        expect(largestDifference(result, clean)).toBeLessThan(1e-3)
      }),
      { numRuns: 30 },
    )
  })

  test('lcm recovers the clean latent from the noise of each step', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 10 }), strengths, (seed, steps, strength) => {
        const clean = latentOf(seed)
        const solver = createSolver({ ...schedulerDefaults.lcm, steps }, { ...options, strength })
        const result = run(solver, clean, new TorchGenerator(seed + 1n), (_, noise) => noise)
        expect(largestDifference(result, clean)).toBeLessThan(1e-3)
      }),
      { numRuns: 30 },
    )
  })

  test.each(everyKind)('$kind ends near the latent that a network of clean latents names', (spec) => {
    const clean = latentOf(3n)
    const solver = createSolver(spec, { prediction: 'sample', strength: 1 })
    // SD1.x's DDIM ends at the noise level of timestep 0 instead of at 0.
    const tolerance = spec.kind === 'ddim' ? 0.15 : 1e-5
    expect(
      largestDifference(
        run(solver, clean, new TorchGenerator(4n), () => clean),
        clean,
      ),
    ).toBeLessThan(tolerance)
  })

  test.each(everyKind)('$kind gives the same run again after a restart and leaves its arguments alone', (spec) => {
    const solver = createSolver(spec, options)
    const once = () => run(solver, latentOf(1n), new TorchGenerator(2n), (latent) => latent.map(Math.tanh))
    expect(once()).toEqual(once())
    const [output, latent, noise] = [latentOf(5n), latentOf(6n), latentOf(7n)]
    solver.scaleInput(latent, 0)
    solver.addNoise(latent, noise)
    solver.step(output, 0, latent, () => noise)
    expect([output, latent, noise]).toEqual([latentOf(5n), latentOf(6n), latentOf(7n)])
  })

  test.each(['euler', 'euler-ancestral'] as const)('%s shows the network a latent of variance 1', (kind) => {
    const solver = createSolver(schedulerDefaults[kind], options)
    const noisy = solver.addNoise(new TorchGenerator(1n).randn([4096]), new TorchGenerator(2n).randn([4096]))
    const variance = solver.scaleInput(noisy, 0).reduce((sum, x) => sum + x * x, 0) / 4096
    expect(Math.abs(variance - 1)).toBeLessThan(0.1)
  })

  test('lcm timesteps fall and lie on the distillation grid, whatever the steps and the strength', () => {
    const cases = fc.record({
      originalSteps: fc.integer({ min: 1, max: 1000 }),
      steps: fc.integer({ min: 1, max: 60 }),
      strength: strengths,
      strengthMode: fc.constantFrom('truncate' as const, 'skip' as const),
    })
    fc.assert(
      fc.property(cases, ({ originalSteps, steps, strength, strengthMode }) => {
        fc.pre(Math.trunc(originalSteps * strength) >= steps && Math.trunc(steps * strength) >= 1)
        const spec = { ...schedulerDefaults.lcm, originalSteps, steps, strengthMode }
        const { timesteps } = createSolver(spec, { ...options, strength })
        const stride = Math.floor(1000 / originalSteps)
        expect(timesteps.length).toBe(strengthMode === 'truncate' ? steps : Math.trunc(steps * strength))
        expect(timesteps.every((t, i) => t < (timesteps[i - 1] ?? 1000) && t >= 0 && (t + 1) % stride === 0)).toBe(true)
        if (strengthMode === 'truncate') expect(timesteps[0]).toBe(Math.trunc(originalSteps * strength) * stride - 1)
      }),
    )
  })

  test('lcm is the identity at timestep 0: the boundary condition of consistency models', () => {
    const solver = createSolver({ ...schedulerDefaults.lcm, steps: 1000, originalSteps: 1000 }, options)
    expect(solver.timesteps.at(-1)).toBe(0)
    const { next, denoised } = solver.step(latentOf(1n), 999, latentOf(2n), () => latentOf(3n))
    expect([next, denoised]).toEqual([latentOf(2n), latentOf(2n)])
  })

  test('lcm mixes the latent in by the boundary scalings', () => {
    const spec = { ...schedulerDefaults.lcm, steps: 1000, originalSteps: 1000 }
    const solver = createSolver(spec, { ...options, prediction: 'sample' })
    const { denoised } = solver.step(Float32Array.of(1, 0), 998, Float32Array.of(0, 1), () => new Float32Array(2))
    expect(solver.timesteps[998]).toBe(1)
    expect(denoised[0]).toBeCloseTo(10 / Math.sqrt(100.25), 6)
    expect(denoised[1]).toBeCloseTo(0.25 / 100.25, 6)
  })

  test('image to image skips the first steps and starts at the noise level of the first that is left', () => {
    for (const spec of [...everyKind, { ...schedulerDefaults.lcm, strengthMode: 'skip' } as const]) {
      if (spec.kind === 'lcm' && spec.strengthMode === 'truncate') continue
      const [whole, part] = [1, 0.6].map((strength) => createSolver(spec, { ...options, strength }))
      expect(part?.timesteps).toEqual(whole?.timesteps.slice(spec.steps - Math.trunc(spec.steps * 0.6)))
    }
    const { addNoise } = createSolver({ ...schedulerDefaults.ddim, steps: 4 }, { ...options, strength: 0.5 })
    const alphaCumprod = alphaCumprodAt(251)
    const [ofLatent, ofNoise] = addNoise(Float32Array.of(1, 0), Float32Array.of(0, 1))
    expect(ofLatent).toBeCloseTo(Math.sqrt(alphaCumprod), 6)
    expect(ofNoise).toBeCloseTo(Math.sqrt(1 - alphaCumprod), 6)
  })

  test.each(everyKind)('$kind refuses steps and strengths that are out of range', (spec) => {
    for (const steps of [0, -1, 1.5, Number.NaN, 1001, Number.POSITIVE_INFINITY]) {
      expectRange(() => createSolver({ ...spec, steps }, options), 'steps')
    }
    for (const strength of [0, -0.5, 1.01, Number.NaN, 1e-4]) {
      expectRange(() => createSolver(spec, { ...options, strength }), 'strength')
    }
  })

  test('lcm refuses more steps than the grid has, before and after the strength', () => {
    expectRange(() => createSolver({ ...schedulerDefaults.lcm, steps: 51 }, options), 'steps')
    expectRange(() => createSolver({ ...schedulerDefaults.lcm, steps: 8 }, { ...options, strength: 0.1 }), 'strength')
    for (const originalSteps of [0, 2.5, 1001]) {
      expectRange(() => createSolver({ ...schedulerDefaults.lcm, steps: 1, originalSteps }, options), 'originalSteps')
    }
  })

  test('a step outside the run is refused', () => {
    for (const spec of everyKind) {
      const solver = createSolver(spec, options)
      expectRange(() => solver.step(latentOf(1n), spec.steps, latentOf(2n), () => latentOf(3n)))
    }
  })

  test('an offset that leaves the training grid is refused', () => {
    expectRange(() => createSolver({ ...schedulerDefaults.euler, stepsOffset: 200 }, options), 'steps')
    expectRange(() => createSolver({ ...schedulerDefaults.ddim, stepsOffset: -5 }, options), 'steps')
  })

  test('the network may be asked in any prediction for the same clean latent', () => {
    const [clean, noise] = [latentOf(8n), latentOf(9n)]
    for (const spec of everyKind) {
      const solverOf = (prediction: Prediction) => createSolver(spec, { prediction, strength: 1 })
      const { addNoise } = solverOf('epsilon')
      const alpha = addNoise(Float32Array.of(1), Float32Array.of(0))[0] ?? 0
      const sigma = addNoise(Float32Array.of(0), Float32Array.of(1))[0] ?? 0
      const norm = Math.hypot(alpha, sigma)
      const velocity = clean.map((x, i) => (alpha * (noise[i] ?? 0) - sigma * x) / norm)
      for (const [prediction, output] of [
        ['epsilon', noise],
        ['v_prediction', velocity],
        ['sample', clean],
      ] as const) {
        const { denoised } = solverOf(prediction).step(output, 0, addNoise(clean, noise), () => noise)
        expect(largestDifference(denoised, clean), `${spec.kind} ${prediction}`).toBeLessThan(1e-4)
      }
    }
  })
})

function expectRange(action: () => unknown, input?: string): void {
  let thrown: unknown
  try {
    action()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(LoomError)
  expect(thrown).toMatchObject({ code: 'range', hint: expect.any(String), input })
}
