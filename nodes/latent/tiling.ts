import type { Tiles } from '#core/plan/attributes.ts'
import { type Known, UNKNOWN } from '#core/types/types.ts'
import { choice, int } from '../kit/ports.ts'

/** Pixels beyond which a picture is cut into tiles by itself: whole, one of 1024 x 1024 takes a VAE of SD's size 5 GB. */
const whole = 1024 * 1024

/** How a VAE cuts a picture; the same inputs on every node that runs one over a whole picture. */
export const tiling = {
  tiling: choice({
    default: 'auto',
    options: { auto: 'Automatic', off: 'Off', on: 'On' },
    advanced: true,
    description:
      'Tiles take less memory. Encoding in tiles takes more time. Automatic uses tiles for pictures of more than 1024 x 1024 pixels. Their tones may differ very slightly from a picture without tiles, and there are no seams.',
  }),
  tile: int({
    default: 512,
    min: 128,
    max: 4096,
    multipleOf: 64,
    advanced: true,
    description: 'The longest side of a tile in pixels, from 128 to 4096. Smaller tiles take less memory.',
  }),
  overlap: int({
    default: 64,
    min: 32,
    max: 512,
    multipleOf: 16,
    advanced: true,
    description:
      'How many pixels neighbouring tiles share, from 32 to 512. They fade into each other there. A larger overlap takes more time. At most half a tile is used.',
  }),
}

interface TilingValues extends Tiles {
  readonly tiling: 'auto' | 'off' | 'on'
}

/** The tiles for a picture of that size; none if it is to be taken whole. An unknown size may be large. */
export function tilesFor(
  { tiling, tile, overlap }: TilingValues,
  { width, height }: { readonly width: Known<number>; readonly height: Known<number> },
): Tiles | undefined {
  const large = width === UNKNOWN || height === UNKNOWN || width * height > whole
  if (tiling === 'off' || (tiling === 'auto' && !large)) return undefined
  return { tile, overlap: Math.min(overlap, tile / 2) }
}
