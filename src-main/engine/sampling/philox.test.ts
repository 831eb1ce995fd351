import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { largestDifference } from '#test/goldens.ts'
import { PhiloxGenerator, philox } from './philox.ts'

const ones = 0xffffffff

describe('philox', () => {
  test.each([
    { counter: [0, 0, 0, 0], key: [0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
    { counter: [ones, ones, ones, ones], key: [ones, ones], words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd] },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ] as const)('gives the known answer for the counter $counter', ({ counter, key, words }) => {
    expect(philox([...counter], key)).toEqual(words)
  })
})

describe('PhiloxGenerator', () => {
  test('draws what torch.randn draws on a GPU with seed 0', () => {
    const drawn = new PhiloxGenerator(0n).randn([1, 4, 64, 64])
    const known = [-0.9247, -0.4253, -2.6438, 0.1452, -0.1209, -0.5797, -0.6229, -0.3284, -1.0745, -0.3631]
    expect(largestDifference(drawn.subarray(0, 10), known)).toBeLessThan(1e-4)
  })

  test('each draw is another, and a long one begins like a short one', () => {
    const generator = new PhiloxGenerator(7n)
    const [first, second] = [generator.randn([8]), generator.randn([8])]
    expect(largestDifference(first, second)).toBeGreaterThan(0.1)
    expect(new PhiloxGenerator(7n).randn([16]).subarray(0, 8)).toEqual(first)
  })

  test('all 64 bits of the seed count', () => {
    expect(new PhiloxGenerator(1n).randn([4])).not.toEqual(new PhiloxGenerator(1n + 2n ** 32n).randn([4]))
  })

  test('has mean 0, variance 1, no skew and the kurtosis of a normal', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (seed) => {
        const values = new PhiloxGenerator(seed).randn([4, 64, 64])
        const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length
        expect(Math.abs(moment(1))).toBeLessThan(0.05)
        expect(Math.abs(moment(2) - 1)).toBeLessThan(0.08)
        expect(Math.abs(moment(3))).toBeLessThan(0.2)
        expect(Math.abs(moment(4) - 3)).toBeLessThan(0.6)
      }),
      { numRuns: 10 },
    )
  })
})
