import type { ConditioningPart } from '../runtime/values.ts'
import type { Rectangle } from '../tensor/planes.ts'
import { resample } from '../tensor/resample.ts'

type Size = Pick<Rectangle, 'width' | 'height'>

/** A part of a conditioning, placed in a latent. */
interface PlacedPart {
  readonly part: ConditioningPart
  /** Region in latent pixels. */
  readonly region: Rectangle
  /** Weight in each pixel of the region, before normalisation over all parts. */
  readonly weights: Float32Array
}

/** The contribution of a part. In each pixel the shares of all parts sum to 1. */
export interface Share {
  readonly part: ConditioningPart
  readonly region: Rectangle
  /** Absent if it is the only part and covers everything. */
  readonly shares?: Float32Array
}

/** Width in latent pixels over which an area fades at its inner edges, at most a quarter of its side. */
const fading = 8

/** The region and weights of a part in a latent of this size, as in ComfyUI. */
export function place(part: ConditioningPart, size: Size): PlacedPart {
  const region = regionOf(part.area, size)
  const weights = new Float32Array(region.height * region.width).fill(part.strength)
  const mask = part.mask && resample(part.mask, size, 'bilinear').data
  for (let row = 0, i = 0; row < region.height; row++) {
    for (let column = 0; column < region.width; column++, i++) {
      const pixel = (region.y + row) * size.width + region.x + column
      const factor = mask
        ? (mask[pixel] ?? 0)
        : fade(row, region.height, region.y, size.height) * fade(column, region.width, region.x, size.width)
      weights[i] = factor * part.strength
    }
  }
  return { part, region, weights }
}

/** The area in whole pixels inside the latent, at least one in each direction. */
function regionOf(area: ConditioningPart['area'], { height, width }: Size): Rectangle {
  if (!area) return { x: 0, y: 0, width, height }
  const span = (start: number, length: number, pixels: number): [start: number, length: number] => {
    const first = Math.min(Math.round(start * pixels), pixels - 1)
    return [first, Math.min(Math.max(1, Math.round(length * pixels)), pixels - first)]
  }
  const [y, rows] = span(area.y, area.height, height)
  const [x, columns] = span(area.x, area.width, width)
  return { x, y, width: columns, height: rows }
}

/** The fade along a side of a region: rises linearly from each end inside the picture. */
function fade(at: number, length: number, start: number, size: number): number {
  const pixels = Math.min(fading, length >> 2)
  const rise = (distance: number): number => (distance < pixels ? (distance + 1) / pixels : 1)
  const before = start > 0 ? rise(at) : 1
  return start + length < size ? before * rise(length - 1 - at) : before
}

/** Whether a part is active at a timestep, from 999 (pure noise) to 0. */
function holds({ range: [start, end] }: ConditioningPart, timestep: number): boolean {
  return (start <= 0 || timestep <= (1 - start) * 999) && (end >= 1 || timestep >= (1 - end) * 999)
}

/**
 * The shares of all parts at a timestep. Pixels without an active part use the first part, so that none is empty.
 */
export function sharesAt(placed: readonly PlacedPart[], timestep: number, size: Size): Share[] {
  const active = placed.filter(({ part }) => holds(part, timestep))
  const [only, ...others] = active
  if (only && others.length === 0 && only.part.strength > 0 && !only.part.area && !only.part.mask) {
    return [{ part: only.part, region: only.region }]
  }
  const sums = new Float32Array(size.height * size.width)
  const eachPixel = (region: Rectangle, visit: (index: number, pixel: number) => void) => {
    for (let row = 0, i = 0; row < region.height; row++) {
      const first = (region.y + row) * size.width + region.x
      for (let column = 0; column < region.width; column++, i++) visit(i, first + column)
    }
  }
  for (const { region, weights } of active) {
    eachPixel(region, (i, pixel) => {
      sums[pixel] = (sums[pixel] ?? 0) + (weights[i] ?? 0)
    })
  }
  const shares = active.map(({ part, region, weights }): Share => {
    const divided = new Float32Array(weights.length)
    eachPixel(region, (i, pixel) => {
      const sum = sums[pixel] ?? 0
      divided[i] = sum > 0 ? (weights[i] ?? 0) / sum : 0
    })
    return { part, region, shares: divided }
  })
  const [first] = placed
  if (!first || sums.every((sum) => sum > 0)) return shares
  const left = sums.map((sum) => (sum > 0 ? 0 : 1))
  return [...shares, { part: first.part, region: { x: 0, y: 0, ...size }, shares: left }]
}
