import { type FloatTensor, planeSize, zeros } from './float-tensor.ts'
import { crop, gather, type Rectangle } from './planes.ts'

/** A tile along one axis, in latent pixels, with its weight at each pixel of the result. */
interface Span {
  readonly start: number
  readonly length: number
  /** The weights of overlapping tiles sum to 1. */
  readonly weights: Float32Array
}

export interface Tiling {
  /** Maximum side of a tile in latent pixels. */
  readonly tile: number
  /** Minimum overlap of neighbours in latent pixels. */
  readonly overlap: number
  /** Pixels of the input (`from`) and of the result (`to`) per latent pixel in each direction. */
  readonly from: number
  readonly to: number
}

/** Number of tiles of a tensor `(1, channels, height, width)`. */
export function countTiles({ shape }: FloatTensor, tiling: Tiling): number {
  const [, , height = 0, width = 0] = shape
  return spansOf(height / tiling.from, tiling).length * spansOf(width / tiling.from, tiling).length
}

/**
 * Runs a network on a tensor `(1, channels, height, width)` tile by tile. Tiles have equal size, and where they overlap
 * one fades linearly into the next.
 * @param run the network, for one tile
 */
export async function overTiles(
  input: FloatTensor,
  tiling: Tiling,
  run: (tile: FloatTensor) => Promise<FloatTensor>,
): Promise<FloatTensor> {
  const { from, to } = tiling
  const [, , height = 0, width = 0] = input.shape
  const rows = spansOf(height / from, tiling)
  const columns = spansOf(width / from, tiling)
  let result: FloatTensor | undefined
  for (const row of rows) {
    for (const column of columns) {
      const area = { x: column.start, y: row.start, width: column.length, height: row.length }
      const made = await run(crop(input, scaled(area, from)))
      result ??= zeros([1, made.shape[1] ?? 0, (height / from) * to, (width / from) * to])
      blend(result, made, { ...row, start: row.start * to }, { ...column, start: column.start * to })
    }
  }
  return result ?? input
}

function scaled({ x, y, width, height }: Rectangle, by: number): Rectangle {
  return { x: x * by, y: y * by, width: width * by, height: height * by }
}

/** Tiles of equal length along an axis. They fade in the middle half of an overlap; the ends of a tile are unused. */
export function spansOf(pixels: number, { tile, overlap, to }: Tiling): Span[] {
  const count = pixels <= tile ? 1 : Math.ceil((pixels - overlap) / (tile - overlap))
  const length = Math.ceil((pixels + (count - 1) * overlap) / count)
  const spans = Array.from({ length: count }, (_, index) => ({
    start: count === 1 ? 0 : Math.round((index * (pixels - length)) / (count - 1)),
    length,
    weights: new Float32Array(length * to),
  }))
  const sums = new Float32Array(pixels * to)
  const fade = (distance: number) => Math.max(0, Math.min(1, 2 * (distance / (overlap * to)) - 0.5))
  for (const { start, weights } of spans) {
    for (let i = 0; i < weights.length; i++) {
      const before = start === 0 ? 1 : fade(i + 0.5)
      const after = start + length === pixels ? 1 : fade(weights.length - i - 0.5)
      weights[i] = before * after
      sums[start * to + i] = (sums[start * to + i] ?? 0) + before * after
    }
  }
  for (const { start, weights } of spans) {
    for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] ?? 0) / (sums[start * to + i] ?? 1)
  }
  return spans
}

/** Adds a weighted tile. */
function blend(result: FloatTensor, { data, shape }: FloatTensor, row: Span, column: Span): void {
  const [, channels = 0, tall = 0, wide = 0] = shape
  const [, , height = 0, width = 0] = result.shape
  for (let line = 0; line < channels * tall; line++) {
    const [channel, y] = [Math.floor(line / tall), line % tall]
    const at = (channel * height + row.start + y) * width + column.start
    const weight = row.weights[y] ?? 0
    for (let x = 0; x < wide; x++) {
      const share = weight * (column.weights[x] ?? 0)
      result.data[at + x] = (result.data[at + x] ?? 0) + share * (data[line * wide + x] ?? 0)
    }
  }
}

/** Drops rows and columns evenly until the area is that of a tile. Returns a smaller tensor unchanged. */
export function thinned(tensor: FloatTensor, { tile, from }: Tiling): FloatTensor {
  const { width, height } = planeSize(tensor)
  const share = Math.min(1, (tile * from) / Math.sqrt(height * width))
  const rows = spread(height, share)
  const columns = spread(width, share)
  const size = { width: columns.length, height: rows.length }
  return gather(tensor, size, (x, y) => (rows[y] ?? 0) * width + (columns[x] ?? 0))
}

/** Evenly spread indices below `size`: this share of them. */
function spread(size: number, share: number): number[] {
  const count = Math.max(1, Math.round(size * share))
  return Array.from({ length: count }, (_, index) => Math.floor(((index + 0.5) * size) / count))
}
