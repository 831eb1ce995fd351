import type { LatentTurn } from '#core/plan/latent-edit.ts'
import { type FloatTensor, zeros } from './float-tensor.ts'

export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Crops the planes of `(batch, channels, height, width)`. Returns the tensor itself if nothing is cut off. */
export function crop(tensor: FloatTensor, { x: left, y: top, width, height }: Rectangle): FloatTensor {
  const [batch = 0, channels = 0, rows = 0, columns = 0] = tensor.shape
  if (width === columns && height === rows) return tensor
  const result = zeros([batch, channels, height, width])
  for (let line = 0; line < batch * channels * height; line++) {
    const start = (Math.floor(line / height) * rows + top + (line % height)) * columns + left
    result.data.set(tensor.data.subarray(start, start + width), line * width)
  }
  return result
}

/** Every `step`-th pixel in both directions, as PyTorch's `nearest`. */
export function subsample(tensor: FloatTensor, step: number): FloatTensor {
  const [, , height = 0, width = 0] = tensor.shape
  const size = { width: Math.floor(width / step), height: Math.floor(height / step) }
  return gather(tensor, size, (x, y) => (y * width + x) * step)
}

/** Mirrors or rotates every plane. */
export function turned(tensor: FloatTensor, turn: LatentTurn): FloatTensor {
  const [, , height = 0, width = 0] = tensor.shape
  const onItsSide = turn === 'rotate-90' || turn === 'rotate-270'
  const size = onItsSide ? { width: height, height: width } : { width, height }
  return gather(tensor, size, (x, y) => turns[turn](x, y, width, height))
}

/** Index of a pixel's source in the plane. */
const turns: Record<LatentTurn, (x: number, y: number, width: number, height: number) => number> = {
  'flip-horizontal': (x, y, width) => y * width + width - 1 - x,
  'flip-vertical': (x, y, width, height) => (height - 1 - y) * width + x,
  'rotate-90': (x, y, width, height) => (height - 1 - x) * width + y,
  'rotate-180': (x, y, width, height) => (height - 1 - y) * width + width - 1 - x,
  'rotate-270': (x, y, width) => x * width + width - 1 - y,
}

/** New planes of this size. `source` gives the index of each pixel's source. */
export function gather(
  { data, shape }: FloatTensor,
  { width, height }: Pick<Rectangle, 'width' | 'height'>,
  source: (x: number, y: number) => number,
): FloatTensor {
  const [batch = 0, channels = 0, rows = 0, columns = 0] = shape
  const result = zeros([batch, channels, height, width])
  for (let plane = 0, at = 0; plane < batch * channels; plane++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) result.data[at] = data[plane * rows * columns + source(x, y)] ?? 0
    }
  }
  return result
}
