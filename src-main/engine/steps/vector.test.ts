import { expect, it } from 'vitest'
import { zeros } from '../tensor/float-tensor.ts'
import { vectorOf } from './vector.ts'

const part = { context: zeros([1, 77, 4]), strength: 1, range: [0, 1] } as const
const pooled = { data: Float32Array.of(7, 8), shape: [1, 2] }
const picture = { width: 96, height: 64 }

it('is the pooled text, then six sizes as cosines and sines', () => {
  // Of width 4 each: frequencies 1 and 1/100.
  const vector = vectorOf({ ...part, pooled }, 2 + 6 * 4, picture)
  const embedded = (value: number) => [Math.cos(value), Math.cos(value / 100), Math.sin(value), Math.sin(value / 100)]
  const expected = [7, 8, ...[64, 96, 0, 0, 64, 96].flatMap(embedded)]
  for (const [i, value] of expected.entries()) expect(vector[i]).toBeCloseTo(value, 5)
  expect(vector).toHaveLength(expected.length)
})

it('takes the sizes that are given', () => {
  const size = { originalWidth: 96, originalHeight: 64, cropTop: 0, cropLeft: 8 }
  const vector = vectorOf({ ...part, pooled, size }, 26, picture)
  const usual = vectorOf({ ...part, pooled }, 26, picture)
  expect(vector.findIndex((value, i) => value !== usual[i])).toBe(2 + 3 * 4)
  expect(vector.subarray(2 + 4 * 4)).toEqual(usual.subarray(2 + 4 * 4))
})

it('refuses a prompt without pooled text, or with one of another width', () => {
  expect(() => vectorOf(part, 26, picture)).toThrow(expect.objectContaining({ code: 'mismatch' }))
  expect(() => vectorOf({ ...part, pooled: { data: new Float32Array(3), shape: [1, 3] } }, 26, picture)).toThrow(
    expect.objectContaining({ code: 'mismatch' }),
  )
})
