import { LoomError } from '../errors.ts'
import { type Size, UNKNOWN } from '../types/types.ts'

/** Millions of pixels, counted by 1024 x 1024, of all pictures of a grid: as floats they take more than a gigabyte. */
const maxMegapixels = 100

/** Why a grid cannot hold so many pictures of a size; undefined when it can, or when the size is not known. */
export function gridFault(count: number, { width, height }: Size): LoomError | undefined {
  if (width === UNKNOWN || height === UNKNOWN || count * width * height <= maxMegapixels * 1024 ** 2) return undefined
  const pictures = `${count} pictures of ${width} x ${height} pixels`
  return new LoomError('limit', `The grid would have ${pictures}; ${maxMegapixels} megapixels is the most.`, {
    input: 'image',
    hint: 'Take fewer values, or put a Scale Image node before the grid.',
  })
}
