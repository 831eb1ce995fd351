import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunkLength, type PromptChunks } from './chunks.ts'
import { isWeighted, weightContext } from './weighting.ts'

const width = 2

function chunksWith(count: number, weights: Readonly<Record<number, number>> = {}): PromptChunks {
  const all = new Float64Array(count * chunkLength).fill(1)
  for (const [token, weight] of Object.entries(weights)) all[Number(token)] = weight
  return { count, ids: new Int32Array(count * chunkLength), weights: all }
}

const ramp = (length: number, scale: number): Float32Array => Float32Array.from({ length }, (_, i) => i * scale)
const context = ramp(2 * chunkLength * width, 0.5)
const empty = ramp(chunkLength * width, 0.25)

describe('weightContext', () => {
  it('returns the context itself where every weight is 1', () => {
    const chunks = chunksWith(2)
    expect(isWeighted(chunks)).toBe(false)
    expect(weightContext(context, empty, chunks, width)).toBe(context)
  })

  it('moves a weighted token away from the empty chunk at its place, in every chunk', () => {
    const chunks = chunksWith(2, { 3: 1.5, [chunkLength + 3]: 0 })
    expect(isWeighted(chunks)).toBe(true)
    const expected = Float32Array.from(context)
    // z = 0.5 i, z_empty = 0.25 i: (0.25 i) * 1.5 + 0.25 i.
    expected.set([0.625 * 6, 0.625 * 7], 6)
    expected.set([0.25 * 6, 0.25 * 7], (chunkLength + 3) * width)
    expect(weightContext(context, empty, chunks, width)).toEqual(expected)
    expect(context).toEqual(ramp(2 * chunkLength * width, 0.5))
  })

  it('is the identity on the empty chunk, whatever the weights', () => {
    const weight = fc.double({ min: -10, max: 10, noNaN: true })
    fc.assert(
      fc.property(weight, fc.nat({ max: chunkLength - 1 }), (value, token) => {
        expect(weightContext(empty, empty, chunksWith(1, { [token]: value }), width)).toEqual(empty)
      }),
    )
  })

  it('refuses sizes that do not fit', () => {
    expect(() => weightContext(empty, empty, chunksWith(2, { 1: 2 }), width)).toThrowError(/do not fit 2 chunks/)
    expect(() => weightContext(context, context, chunksWith(2, { 1: 2 }), width)).toThrowError(/do not fit/)
  })

  it('names a weight that makes the context overflow', () => {
    const chunks = chunksWith(2, { 150: 3e38 })
    expect(() => weightContext(context, empty, chunks, width)).toThrowError(/weight 3e\+38 makes the context overflow/)
  })
})
