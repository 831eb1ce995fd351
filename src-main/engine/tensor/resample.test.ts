import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { largestDifference, readGolden } from '#test/goldens.ts'
import { resample } from './resample.ts'

interface Case {
  readonly shape: readonly number[]
  readonly latent: readonly number[]
  readonly rows: readonly {
    readonly method: 'nearest' | 'bilinear' | 'bicubic'
    readonly height: number
    readonly width: number
    readonly values: readonly number[]
  }[]
  readonly tolerance: number
}

const { json } = readGolden<Case>('latent-scaling')
const latent = { data: Float32Array.from(json.latent), shape: json.shape }

describe('resample', () => {
  it.each(json.rows)('$method to $width x $height is what PyTorch interpolates', ({ method, values, ...size }) => {
    const scaled = resample(latent, size, method)
    expect(scaled.shape).toEqual([1, 2, size.height, size.width])
    expect(largestDifference(scaled.data, values)).toBeLessThan(json.tolerance)
  })

  it('turns the direction over the channels with bislerp, and fades the length', () => {
    // directions 0 and 90 degrees, lengths 1 and 3; a quarter and three quarters between them
    const vectors = { data: Float32Array.of(1, 0, 0, 3), shape: [1, 2, 1, 2] }
    const { data } = resample(vectors, { width: 4, height: 1 }, 'bislerp')
    const [cosine, sine] = [Math.cos(Math.PI / 8), Math.sin(Math.PI / 8)]
    const expected = [1, 1.5 * cosine, 2.5 * sine, 0, 0, 1.5 * sine, 2.5 * cosine, 3]
    expect(largestDifference(data, expected)).toBeLessThan(1e-6)
  })

  it('keeps the length of vectors of one length with bislerp', () => {
    const angles = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(angles, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (angle, width, height) => {
        const data = Float32Array.from([...angle.map(Math.cos), ...angle.map(Math.sin)])
        const scaled = resample({ data, shape: [1, 2, 2, 3] }, { width, height }, 'bislerp')
        for (let i = 0; i < width * height; i++) {
          expect(Math.hypot(scaled.data[i] ?? 0, scaled.data[width * height + i] ?? 0)).toBeCloseTo(1, 4)
        }
      }),
    )
  })

  it('mixes opposite vectors linearly: there is no one arc between them', () => {
    const vectors = { data: Float32Array.of(1, -1, 0, 0), shape: [1, 2, 1, 2] }
    const { data } = resample(vectors, { width: 4, height: 1 }, 'bislerp')
    expect([...data]).toEqual([1, 0.5, -0.5, -1, 0, 0, 0, 0])
  })
})
