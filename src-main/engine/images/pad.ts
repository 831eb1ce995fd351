import type { Padding } from '#core/plan/image-edit.ts'
import type { PixelSize } from '#core/plan/sizes.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'

/** Pads every plane of `(batch, channels, height, width)` with mid-grey, or by repeating its edge. */
export function pad(
  { data, shape }: FloatTensor,
  { left, top, right, bottom }: Padding,
  fill: 'grey' | 'edge',
): FloatTensor {
  const [batch = 0, channels = 0, height = 0, width = 0] = shape
  const [rows, columns] = [top + height + bottom, left + width + right]
  const result = new Float32Array(batch * channels * rows * columns).fill(0.5)
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let y = 0; y < rows; y++) {
      const from = Math.min(Math.max(y - top, 0), height - 1)
      if (fill === 'grey' && from !== y - top) continue
      const line = data.subarray((plane * height + from) * width, (plane * height + from + 1) * width)
      const start = (plane * rows + y) * columns
      result.set(line, start + left)
      if (fill === 'grey') continue
      result.fill(line[0] ?? 0, start, start + left)
      result.fill(line[width - 1] ?? 0, start + left + width, start + columns)
    }
  }
  return { data: result, shape: [batch, channels, rows, columns] }
}

/**
 * The mask of a padded picture, `(1, 1, height, width)`: 1 in the padding. Inside the picture it falls to 0 over
 * `feather` pixels from the padded sides, with the square of the distance, so that the new parts blend in.
 */
export function paddingMask(
  { width, height }: PixelSize,
  { left, top, right, bottom, feather }: Padding & { readonly feather: number },
): FloatTensor {
  const [rows, columns] = [top + height + bottom, left + width + right]
  const data = new Float32Array(rows * columns).fill(1)
  const fromSides = (place: number, size: number, before: number, after: number) =>
    Math.min(before > 0 ? place : Infinity, after > 0 ? size - 1 - place : Infinity)
  for (let y = 0; y < height; y++) {
    const fromEnds = fromSides(y, height, top, bottom)
    for (let x = 0; x < width; x++) {
      const distance = Math.min(fromEnds, fromSides(x, width, left, right))
      data[(top + y) * columns + left + x] = distance < feather ? ((feather - distance) / feather) ** 2 : 0
    }
  }
  return { data, shape: [1, 1, rows, columns] }
}
