import { LoomError } from '../errors.ts'
import { type Size, UNKNOWN } from '../types/types.ts'

/** Maximum size of a grid, in units of 1024 x 1024 pixels. As floats this is more than a gigabyte. */
const maxMegapixels = 100

/** The error of a grid with too many pictures of a size. Undefined if it fits or the size is unknown. */
export function gridFault(count: number, { width, height }: Size): LoomError | undefined {
  if (width === UNKNOWN || height === UNKNOWN || count * width * height <= maxMegapixels * 1024 ** 2) return undefined
  const pictures = `${count} pictures of ${width} x ${height} pixels`
  return new LoomError('limit', `The grid would have ${pictures}; ${maxMegapixels} megapixels is the most.`, {
    input: 'image',
    hint: 'Take fewer values, or put a Scale Image node before the grid.',
  })
}
