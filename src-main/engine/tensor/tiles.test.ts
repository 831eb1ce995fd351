import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TorchGenerator } from '../sampling/noise.ts'
import { overTiles, spansOf, type Tiling } from './tiles.ts'

const tilings = fc
  .record({ tile: fc.integer({ min: 2, max: 64 }), share: fc.double({ min: 0, max: 0.5, noNaN: true }) })
  .map(({ tile, share }): Tiling => ({ tile, overlap: Math.max(1, Math.floor(tile * share)), from: 1, to: 8 }))

describe('spansOf', () => {
  it('covers every cell with tiles of one length, whose weights add up to 1, at any size', () => {
    fc.assert(
      fc.property(tilings, fc.integer({ min: 1, max: 400 }), (tiling, cells) => {
        const spans = spansOf(cells, tiling)
        const sums = new Float64Array(cells * tiling.to)
        for (const { start, length, weights } of spans) {
          expect(length).toBe(spans[0]?.length)
          expect(length).toBeLessThanOrEqual(tiling.tile)
          expect(start).toBeGreaterThanOrEqual(0)
          expect(start + length).toBeLessThanOrEqual(cells)
          for (const [i, weight] of weights.entries()) {
            const at = start * tiling.to + i
            sums[at] = (sums[at] ?? 0) + weight
          }
        }
        for (const sum of sums) expect(sum).toBeCloseTo(1, 5)
      }),
    )
  })
})

describe('overTiles', () => {
  it('gives what the network makes of the whole where that looks at one place at a time, at any size', async () => {
    const sizes = fc.record({ height: fc.integer({ min: 1, max: 40 }), width: fc.integer({ min: 1, max: 40 }) })
    await fc.assert(
      fc.asyncProperty(tilings, sizes, async (tiling, { height, width }) => {
        const input = { data: new TorchGenerator(1n).randn([2, height, width]), shape: [1, 2, height, width] }
        const same = { ...tiling, to: 1 }
        const { data, shape } = await overTiles(input, same, async (tile) => ({
          ...tile,
          data: tile.data.map((value) => 2 * value),
        }))
        expect(shape).toEqual(input.shape)
        for (const [i, value] of data.entries()) expect(value).toBeCloseTo(2 * (input.data[i] ?? 0), 5)
      }),
      { numRuns: 50 },
    )
  })
})
