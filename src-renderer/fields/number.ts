import type { TypeOf } from '#core/types/types.ts'

/** The values that a number field goes through. */
export interface NumberRange {
  readonly min: number
  readonly max: number
  /** How far one step goes. */
  readonly step: number
  /** What every value is a multiple of; undefined where any number is one. */
  readonly multipleOf: number | undefined
}

/** The range of a port's type, its limits moved to values that it takes. */
export function rangeOf(type: TypeOf<'int' | 'float'>, step: number): NumberRange {
  if (type.kind === 'float') return { min: type.min, max: type.max, step, multipleOf: undefined }
  const { multipleOf } = type
  return {
    min: Math.ceil(type.min / multipleOf) * multipleOf,
    max: Math.floor(type.max / multipleOf) * multipleOf,
    step: Math.max(1, Math.round(step / multipleOf)) * multipleOf,
    multipleOf,
  }
}

/** How fast: with Shift a tenth of a step where that is a value, with Ctrl ten steps. */
export type Pace = 'fine' | 'normal' | 'coarse'

export const paceOf = ({ shiftKey, ctrlKey, metaKey }: Record<'shiftKey' | 'ctrlKey' | 'metaKey', boolean>): Pace =>
  shiftKey ? 'fine' : ctrlKey || metaKey ? 'coarse' : 'normal'

/**
 * The value some steps on, within the range. From a value that the range does not take, the first step goes to the next one that
 * it takes.
 * @param steps down if negative
 */
export function stepped(value: number, steps: number, pace: Pace, { min, max, step, multipleOf }: NumberRange): number {
  if (steps === 0) return value
  const size = step * { fine: 0.1, normal: 1, coarse: 10 }[pace]
  const within = (next: number): number => Math.min(max, Math.max(min, next))
  if (multipleOf === undefined) return within(rounded(value + steps * size, Math.max(places(value), places(size))))
  const start = (steps > 0 ? Math.floor(value / multipleOf) : Math.ceil(value / multipleOf)) * multipleOf
  return within(start + steps * Math.max(multipleOf, Math.round(size / multipleOf) * multipleOf))
}

/** Pixels that the pointer moves for one step. */
const pixelsPerStep = 4

/** The value that a drag of so many pixels gives; fine where a step cannot be cut, the pointer has to go further. */
export function dragged(value: number, pixels: number, pace: Pace, range: NumberRange): number {
  const slow = pace === 'fine' && range.multipleOf !== undefined ? 5 : 1
  return stepped(value, Math.trunc(pixels / (pixelsPerStep * slow)), pace, range)
}

/** Ranges of at most this many steps show how far along the value is. */
const narrow = 200

/** How far a value is between its limits, 0 to 1; undefined where they are too far apart for that to tell anything. */
export function shareOf(value: number, { min, max, step }: NumberRange): number | undefined {
  if (max <= min || (max - min) / step > narrow) return undefined
  return Math.min(1, Math.max(0, (value - min) / (max - min)))
}

/** Digits behind the point. */
function places(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e')
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent))
}

/** Takes away what binary fractions leave behind: 0.1 + 0.2 is 0.3. */
const rounded = (value: number, digits: number): number => Number(value.toFixed(Math.min(digits, 20)))
