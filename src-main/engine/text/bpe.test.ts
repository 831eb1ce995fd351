import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergePairs, pairKey } from './bpe.ts'

const firstMerged = 4

/** Merges over the tokens 0 to 3. Each merges tokens that already exist, as in training. */
const mergeTable = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 20 }).map((picks) => {
  const ranks = new Map<number, number>()
  for (const [left, right] of picks) {
    const known = firstMerged + ranks.size
    const key = pairKey(left % known, right % known)
    if (!ranks.has(key)) ranks.set(key, ranks.size)
  }
  return ranks
})

/** The definition: repeatedly merges the leftmost pair of lowest rank. */
function mergeSlowly(symbols: readonly number[], ranks: ReadonlyMap<number, number>): number[] {
  const tokens = [...symbols]
  for (;;) {
    const found = tokens.slice(1).map((right, index) => ranks.get(pairKey(tokens[index] ?? 0, right)) ?? Infinity)
    const rank = Math.min(...found)
    if (rank === Infinity) return tokens
    tokens.splice(found.indexOf(rank), 2, firstMerged + rank)
  }
}

describe('mergePairs', () => {
  it('equals the definition', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 }), { maxLength: 40 }), mergeTable, (symbols, ranks) => {
        expect(mergePairs(symbols, ranks, firstMerged)).toEqual(mergeSlowly(symbols, ranks))
      }),
      { numRuns: 500 },
    )
  })

  it('leaves an empty word empty', () => {
    expect(mergePairs([], new Map(), firstMerged)).toEqual([])
  })
})
