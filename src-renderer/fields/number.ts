import type { TypeOf } from '#core/types/types.ts'

/** The values of a number field. */
export interface NumberRange {
  readonly min: number
  readonly max: number
  /** Size of a step. */
  readonly step: number
  /** Every value is a multiple of it; undefined for any number. */
  readonly multipleOf: number | undefined
}

/** The range of a port's type, with limits rounded to valid values. */
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

/** Speed of changes: `fine` (Shift) is a tenth of a step if that is valid, `coarse` (Ctrl) is ten steps. */
export type Pace = 'fine' | 'normal' | 'coarse'

export const paceOf = ({ shiftKey, ctrlKey, metaKey }: Record<'shiftKey' | 'ctrlKey' | 'metaKey', boolean>): Pace =>
  shiftKey ? 'fine' : ctrlKey || metaKey ? 'coarse' : 'normal'

/**
 * The value after some steps, within the range. From an invalid value, the first step goes to the next valid one.
 * @param steps negative for down
 */
export function stepped(value: number, steps: number, pace: Pace, { min, max, step, multipleOf }: NumberRange): number {
  if (steps === 0) return value
  const size = step * { fine: 0.1, normal: 1, coarse: 10 }[pace]
  const within = (next: number): number => Math.min(max, Math.max(min, next))
  if (multipleOf === undefined) return within(rounded(value + steps * size, Math.max(places(value), places(size))))
  const start = (steps > 0 ? Math.floor(value / multipleOf) : Math.ceil(value / multipleOf)) * multipleOf
  return within(start + steps * Math.max(multipleOf, Math.round(size / multipleOf) * multipleOf))
}

/** Pointer movement per step in pixels. */
const pixelsPerStep = 4

/** The value after a drag. With `fine` and indivisible steps, the pointer has to move further. */
export function dragged(value: number, pixels: number, pace: Pace, range: NumberRange): number {
  const slow = pace === 'fine' && range.multipleOf !== undefined ? 5 : 1
  return stepped(value, Math.trunc(pixels / (pixelsPerStep * slow)), pace, range)
}

/** Maximum number of steps of a range that shows the value as a fraction. */
const narrow = 200

/** Position of a value between its limits, 0 to 1. Undefined if the range is too wide to show it. */
export function shareOf(value: number, { min, max, step }: NumberRange): number | undefined {
  if (max <= min || (max - min) / step > narrow) return undefined
  return Math.min(1, Math.max(0, (value - min) / (max - min)))
}

/** Number of decimal places. */
function places(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e')
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent))
}

/** Removes binary rounding errors: 0.1 + 0.2 gives 0.3. */
const rounded = (value: number, digits: number): number => Number(value.toFixed(Math.min(digits, 20)))
