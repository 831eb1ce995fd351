import { describe, expect, test } from 'vitest'
import { type SchedulerSpec, schedulerDefaults } from '#core/plan/scheduler.ts'
import { largestDifference } from '#test/goldens.ts'
import { mix } from '../tensor/linear.ts'
import { createSolver } from './create-solver.ts'
import { TorchGenerator } from './noise.ts'
import { runSampler } from './run-sampler.ts'

const shape = [2, 3, 2, 2]
const latent = new TorchGenerator(1n).randn(shape)
/** A mask for the first picture, and another for the second. */
const mask = Float32Array.of(1, 0, 0.5, 1, 0, 0, 1, 1)
const maskAt = (i: number) => mask[Math.floor(i / 12) * 4 + (i % 4)] ?? 0
const specs: SchedulerSpec[] = (['diffusers', 'comfy'] as const).flatMap((convention) =>
  (['lcm', 'euler-ancestral', 'dpmpp-2m', 'heun', 'unipc'] as const).map((kind) => ({
    ...schedulerDefaults[kind],
    convention,
    steps: 5,
  })),
)

function run(spec: SchedulerSpec, masked: { mask?: Float32Array; noiseAlone?: boolean }, shown: Float32Array[] = []) {
  const generator = new TorchGenerator(2n)
  return runSampler(
    createSolver(spec, { prediction: 'epsilon', strength: 1 }),
    { initial: generator, fresh: generator },
    { shape, latent, ...masked },
    {
      predict: async (x) => {
        shown.push(x)
        return x.map(Math.tanh)
      },
      stepped: async () => undefined,
    },
  )
}

describe('runSampler with a mask', () => {
  test.each(specs)('$kind, $convention: keeps the latent where the mask is 0', async (spec) => {
    const [drawn, all] = [await run(spec, { mask, noiseAlone: true }), await run(spec, {})]
    const kept = drawn.filter((_, i) => maskAt(i) === 0)
    expect(
      largestDifference(
        kept,
        latent.filter((_, i) => maskAt(i) === 0),
      ),
    ).toBeLessThan(spec.kind === 'unipc' && spec.convention === 'comfy' ? 5e-3 : 1e-5)
    expect(largestDifference(drawn, latent)).toBeGreaterThan(0.1)
    expect(largestDifference(drawn, all)).toBeGreaterThan(0.1)
  })

  test.each(specs)('$kind, $convention: a mask of ones changes nothing, one for all pictures', async (spec) => {
    expect(await run(spec, { mask: new Float32Array(4).fill(1) })).toEqual(await run(spec, {}))
  })

  test('the network is shown the kept part at the noise of the step', async () => {
    const noise = new TorchGenerator(2n).randn(shape)
    for (const convention of ['diffusers', 'comfy'] as const) {
      const spec: SchedulerSpec = { ...schedulerDefaults.euler, convention, steps: 4 }
      const shown: Float32Array[] = []
      await run(spec, { mask, noiseAlone: true }, shown)
      const sigma = createSolver(spec, { prediction: 'epsilon', strength: 1 }).levels[2]?.sigma ?? 0
      const expected = mix([1 / Math.hypot(1, sigma), mix([1, latent], [sigma, noise])])
      const kept = (values: Float32Array = new Float32Array()) => values.filter((_, i) => maskAt(i) === 0)
      expect(largestDifference(kept(shown[2]), kept(expected))).toBeLessThan(1e-5)
    }
  })
})
