import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { largestDifference, readGolden } from '#test/goldens.ts'
import { TorchGenerator } from './noise.ts'

const golden = readGolden<{ tolerance: number }>('torch-randn')
const seedOf = (name: string) => BigInt(name.slice('seed='.length, name.indexOf('/')))

describe('TorchGenerator', () => {
  for (const [name, { shape, data }] of golden.tensors) {
    test(`equals torch.randn: ${name}`, () => {
      const generator = new TorchGenerator(seedOf(name))
      if (name.endsWith('second-draw')) generator.randn(shape)
      expect(largestDifference(generator.randn(shape), data as Float32Array)).toBeLessThanOrEqual(golden.json.tolerance)
    })
  }

  test('is exact below 16 values', () => {
    const name = 'seed=42/shape=3'
    expect(new TorchGenerator(42n).randn([3])).toEqual(golden.floats(name))
  })

  test('keeps the second normal of a pair for the next draw', () => {
    const whole = new TorchGenerator(5n).randn([6])
    const generator = new TorchGenerator(5n)
    expect([...generator.randn([3]), ...generator.randn([3])]).toEqual([...whole])
  })

  test('only the low 32 bits of the seed count', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (seed) => {
        expect(new TorchGenerator(seed).randn([4, 5])).toEqual(new TorchGenerator(seed & 0xffffffffn).randn([4, 5]))
      }),
      { numRuns: 20 },
    )
  })

  test('has mean 0, variance 1, no skew and the kurtosis of a normal', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }), (seed) => {
        const values = new TorchGenerator(seed).randn([4, 64, 64])
        const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length
        expect(Math.abs(moment(1))).toBeLessThan(0.05)
        expect(Math.abs(moment(2) - 1)).toBeLessThan(0.08)
        expect(Math.abs(moment(3))).toBeLessThan(0.2)
        expect(Math.abs(moment(4) - 3)).toBeLessThan(0.6)
      }),
      { numRuns: 20 },
    )
  })
})
