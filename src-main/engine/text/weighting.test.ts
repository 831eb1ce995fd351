import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunkLength, type PromptChunks } from './chunks.ts'
import { emphasiseContext, isWeighted, weightContext } from './weighting.ts'

const width = 2
const columns = { start: 0, end: width, width }

function chunksWith(count: number, weights: Readonly<Record<number, number>> = {}): PromptChunks {
  const all = new Float64Array(count * chunkLength).fill(1)
  for (const [token, weight] of Object.entries(weights)) all[Number(token)] = weight
  return { count, ids: new Int32Array(count * chunkLength), weights: all, vectors: new Map() }
}

const ramp = (length: number, scale: number): Float32Array => Float32Array.from({ length }, (_, i) => i * scale)
const context = ramp(2 * chunkLength * width, 0.5)
const empty = ramp(chunkLength * width, 0.25)

describe('weightContext', () => {
  it('returns the context itself where every weight is 1', () => {
    const chunks = chunksWith(2)
    expect(isWeighted(chunks)).toBe(false)
    expect(weightContext(context, empty, chunks, columns)).toBe(context)
  })

  it('moves a weighted token away from the empty chunk at its place, in every chunk', () => {
    const chunks = chunksWith(2, { 3: 1.5, [chunkLength + 3]: 0 })
    expect(isWeighted(chunks)).toBe(true)
    const expected = Float32Array.from(context)
    // z = 0.5 i, z_empty = 0.25 i: (0.25 i) * 1.5 + 0.25 i.
    expected.set([0.625 * 6, 0.625 * 7], 6)
    expected.set([0.25 * 6, 0.25 * 7], (chunkLength + 3) * width)
    expect(weightContext(context, empty, chunks, columns)).toEqual(expected)
    expect(context).toEqual(ramp(2 * chunkLength * width, 0.5))
  })

  it('is the identity on the empty chunk, whatever the weights', () => {
    const weight = fc.double({ min: -10, max: 10, noNaN: true })
    fc.assert(
      fc.property(weight, fc.nat({ max: chunkLength - 1 }), (value, token) => {
        expect(weightContext(empty, empty, chunksWith(1, { [token]: value }), columns)).toEqual(empty)
      }),
    )
  })

  it('refuses sizes that do not fit', () => {
    expect(() => weightContext(empty, empty, chunksWith(2, { 1: 2 }), columns)).toThrowError(/does not fit 2 chunks/)
    expect(() => weightContext(context, context, chunksWith(2, { 1: 2 }), columns)).toThrowError(/does not fit/)
  })

  it('names a weight that makes the context overflow', () => {
    const chunks = chunksWith(2, { 150: 3e38 })
    expect(() => weightContext(context, empty, chunks, columns)).toThrowError(
      /weight 3e\+38 makes the context overflow/,
    )
  })
})

describe('a context of two towers', () => {
  it('weighs the channels of one', () => {
    const chunks = chunksWith(2, { 3: 1.5 })
    const expected = Float32Array.from(context)
    expected.set([0.625 * 7], 7)
    expect(weightContext(context, empty, chunks, { start: 1, end: 2, width })).toEqual(expected)
  })
})

describe('emphasiseContext', () => {
  it('returns the context itself where every weight is 1', () => {
    expect(emphasiseContext(context, chunksWith(2), columns)).toBe(context)
  })

  it('multiplies tokens, then each chunk, so that its mean stays', () => {
    // one channel of ones sums to 77; a token of weight 8 makes it 84, so every value is multiplied by 77/84 = 11/12
    const ones = new Float32Array(2 * chunkLength).fill(1)
    const chunks = chunksWith(2, { 3: 8 })
    const result = emphasiseContext(ones, chunks, { start: 0, end: 1, width: 1 })
    expect(result[2]).toBeCloseTo(11 / 12, 6)
    expect(result[3]).toBeCloseTo((8 * 11) / 12, 6)
    expect(result.subarray(chunkLength)).toEqual(ones.subarray(chunkLength))
  })

  it('keeps the mean of any chunk and tower', () => {
    const weight = fc.double({ min: 0.1, max: 3, noNaN: true })
    fc.assert(
      fc.property(weight, fc.integer({ min: 1, max: 75 }), (value, token) => {
        const result = emphasiseContext(context, chunksWith(2, { [token]: value }), { start: 1, end: 2, width })
        const mean = (values: Float32Array, channel: number) =>
          values.reduce((sum, z, i) => (i % width === channel && i < chunkLength * width ? sum + z : sum), 0)
        expect(mean(result, 1) / mean(context, 1)).toBeCloseTo(1, 5)
        expect(mean(result, 0)).toBe(mean(context, 0))
      }),
    )
  })
})
