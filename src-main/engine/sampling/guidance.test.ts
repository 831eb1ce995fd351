import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { largestDifference, readGolden } from '#test/goldens.ts'
import { guidanceEmbedding, guide } from './guidance.ts'

const latent = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 4, maxLength: 4 })

describe('guide', () => {
  test('extrapolates from unconditional, which comes first, to conditional', () => {
    expect([...guide(Float32Array.of(1, 2, 2, 4), 7.5)]).toEqual([8.5, 17])
  })

  test('is the conditional output at 1 and the unconditional at 0', () => {
    fc.assert(
      fc.property(latent, latent, (uncond, cond) => {
        const batched = Float32Array.from([...uncond, ...cond])
        expect(largestDifference(guide(batched, 1), cond)).toBeLessThan(1e-5)
        expect(largestDifference(guide(batched, 0), uncond)).toBe(0)
      }),
    )
  })
})

describe('guidanceEmbedding', () => {
  const golden = readGolden('unet-lcm-w')
  const expected = golden.floats('guidance_embedding')
  for (const [item, guidance] of golden.floats('guidance_scale').entries()) {
    test(`equals diffusers at guidance ${guidance}`, () => {
      const row = expected.subarray(item * 256, (item + 1) * 256)
      expect(largestDifference(guidanceEmbedding(guidance, 256), row)).toBeLessThanOrEqual(2e-4)
    })
  }

  test('refuses odd and tiny dimensions', () => {
    for (const dimension of [0, 2, 255, 4.5]) expect(() => guidanceEmbedding(8, dimension)).toThrow(/not possible/)
  })
})
