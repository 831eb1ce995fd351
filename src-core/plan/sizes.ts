import { LoomError } from '../errors.ts'
import { type Known, type Size, UNKNOWN } from '../types/types.ts'

/** In pixels. */
export interface PixelSize {
  readonly width: number
  readonly height: number
}

/** Applies `change` to a size that may be unknown. For `change`, NaN stands for an unknown side. */
export function changedSize({ width, height }: Size, change: (size: PixelSize) => PixelSize): Size {
  const number = (side: Known<number>) => (side === UNKNOWN ? Number.NaN : side)
  const known = (side: number) => (Number.isNaN(side) ? UNKNOWN : side)
  const after = change({ width: number(width), height: number(height) })
  return { width: known(after.width), height: known(after.height) }
}

/** The error of a crop that ends outside the whole. An unknown side is no error. */
export function cropFault(
  { x, y, width, height }: PixelSize & { readonly x: number; readonly y: number },
  whole: Size,
  noun: string,
): LoomError | undefined {
  const sides = [
    { input: 'width', end: x + width, of: whole.width },
    { input: 'height', end: y + height, of: whole.height },
  ]
  for (const { input, end, of } of sides) {
    if (of === UNKNOWN || end <= of) continue
    const message = `The ${input} of the crop ends at pixel ${end}, outside the ${noun}, whose ${input} is ${of}.`
    return new LoomError('range', message, { input, hint: `Keep within ${of} pixels.` })
  }
  return undefined
}

/** The error of a size with a side above the maximum. An unknown side is no error. */
export function sideFault({ width, height }: Size, most: number, noun: string, input: string): LoomError | undefined {
  if (![width, height].some((side) => side !== UNKNOWN && side > most)) return undefined
  const message = `The ${noun} would become ${width} x ${height} pixels; a side has ${most} at most.`
  return new LoomError('limit', message, { input, hint: 'Make it smaller.' })
}

/** The error of two sizes that have to be equal. An unknown side equals every other. */
export function sizeFault(first: Size, second: Size, noun: string): LoomError | undefined {
  const differ = (a: Known<number>, b: Known<number>) => a !== UNKNOWN && b !== UNKNOWN && a !== b
  if (!differ(first.width, second.width) && !differ(first.height, second.height)) return undefined
  const text = ({ width, height }: Size) => `${width} x ${height} pixels`
  return new LoomError('mismatch', `The first ${noun} has ${text(first)}, the second ${text(second)}.`, {
    input: 'second',
    hint: `Put a Scale ${noun.charAt(0).toUpperCase()}${noun.slice(1)} node before one of them.`,
  })
}
