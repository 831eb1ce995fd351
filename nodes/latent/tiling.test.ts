import { describe, expect, it } from 'vitest'
import { UNKNOWN } from '#core/types/types.ts'
import { tilesFor } from './tiling.ts'

const asked = { tile: 512, overlap: 64 }

describe('tiles', () => {
  it.each([
    ['auto', 1024, 1024, undefined],
    ['auto', 1032, 1024, asked],
    ['auto', UNKNOWN, 512, asked],
    ['off', 4096, 4096, undefined],
    ['on', 64, 64, asked],
  ] as const)('set to %s, for %s x %s pixels: %j', (tiling, width, height, expected) => {
    expect(tilesFor({ ...asked, tiling }, { width, height })).toEqual(expected)
  })

  it('share half of themselves at most', () => {
    expect(tilesFor({ tiling: 'on', tile: 128, overlap: 512 }, { width: 512, height: 512 })?.overlap).toBe(64)
  })
})
