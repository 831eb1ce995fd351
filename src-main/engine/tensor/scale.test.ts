import { describe, expect, it } from 'vitest'
import type { ImageScaling } from '#core/plan/image-edit.ts'
import { readGolden } from '#test/goldens.ts'
import type { FloatTensor } from './float-tensor.ts'
import { blur, scale } from './scale.ts'

const golden = readGolden<{ methods: ImageScaling[]; sizes: [number, number][]; tolerance: number }>('image-scaling')
const methods: readonly ImageScaling[] = ['nearest', 'area', 'linear', 'cubic', 'mitchell', 'lanczos3']

/** A picture of two planes and two rows, made of one row, so that a mix-up of planes or rows fails the test. */
function rows(values: readonly number[]): FloatTensor {
  const negative = values.map((value) => -value)
  return { data: Float32Array.from([values, values, negative, negative].flat()), shape: [1, 2, 2, values.length] }
}

const firstRow = ({ data, shape }: FloatTensor): number[] => [...data.subarray(0, shape[3])]

describe('scale', () => {
  it.each(
    golden.json.methods.flatMap((method) =>
      golden.json.sizes.map(([width, height]) => [method, width, height] as const),
    ),
  )('makes of a plane with %s at %i x %i what Pillow does', (method, width, height) => {
    const plane = golden.floats('plane')
    const tensor = { data: Float32Array.of(...plane, ...plane.map((value) => 1 - value)), shape: [1, 2, 9, 11] }
    const { data, shape } = scale(tensor, { width, height }, method)
    expect(shape).toEqual([1, 2, height, width])
    const expected = golden.floats(`${method}-${width}x${height}`)
    const both = [...expected, ...expected.map((value) => 1 - value)]
    expect(Math.max(...both.map((value, i) => Math.abs((data[i] ?? 0) - value)))).toBeLessThan(golden.json.tolerance)
  })

  it('weighs neighbours with Mitchell as its paper does: at distances 1/4, 3/4, 5/4 and 7/4', () => {
    const weights = [0.25, 0.75].map((x) => (21 * x ** 3 - 36 * x ** 2 + 16) / 18)
    const tails = [1.25, 1.75].map((x) => (-7 * x ** 3 + 36 * x ** 2 - 60 * x + 32) / 18)
    const [impulse] = [firstRow(scale(rows([0, 0, 0, 1, 0, 0, 0]), { width: 14, height: 2 }, 'mitchell'))]
    const [near = 0, far = 0, out = 0, outer = 0] = [...weights, ...tails]
    const half = [outer, out, far, near]
    for (const [i, weight] of [...half, ...half.toReversed()].entries()) expect(impulse[3 + i]).toBeCloseTo(weight, 6)
    expect(impulse.slice(0, 3)).toEqual([0, 0, 0])
  })

  it('repeats pixels with nearest at twice the size', () => {
    const twice = scale({ data: Float32Array.of(1, 2, 3, 4), shape: [1, 1, 2, 2] }, { width: 4, height: 4 }, 'nearest')
    expect([...twice.data]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4])
  })

  it.each(methods)('keeps a constant with %s, and a picture of the same size', (method) => {
    const plain = { data: new Float32Array(3 * 35).fill(0.3), shape: [1, 3, 5, 7] }
    for (const size of [
      { width: 23, height: 2 },
      { width: 3, height: 11 },
    ]) {
      for (const value of scale(plain, size, method).data) expect(value).toBeCloseTo(0.3, 6)
    }
    expect(scale(plain, { width: 7, height: 5 }, method)).toBe(plain)
  })
})

describe('blur', () => {
  it('spreads a point as the Gaussian says, in both directions', () => {
    const size = 21
    const point = { data: new Float32Array(size * size), shape: [1, 1, size, size] }
    point.data[10 * size + 10] = 1
    const { data } = blur(point, 1.5)
    const gaussian = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / 4.5))
    const sum = gaussian.reduce((total, value) => total + value, 0)
    for (let y = 5; y <= 15; y++) {
      for (let x = 5; x <= 15; x++) {
        const expected = ((gaussian[y - 5] ?? 0) * (gaussian[x - 5] ?? 0)) / sum ** 2
        expect(data[y * size + x]).toBeCloseTo(expected, 7)
      }
    }
    expect(data[4 * size + 10]).toBe(0)
  })

  it('neither darkens edges nor changes anything at radius 0', () => {
    const plain = rows(Array.from({ length: 9 }, () => 0.7))
    for (const value of blur(plain, 3).data.subarray(0, 18)) expect(value).toBeCloseTo(0.7, 6)
    expect(blur(plain, 0)).toBe(plain)
  })
})
