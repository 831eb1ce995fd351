import { maxSeed } from '#core/workflow/constant.ts'
import type { NumberRange } from './number.ts'

/** What a typed text says. */
export interface Reading {
  /** The nearest valid value. */
  readonly value: number | string
  /** Whether the text says exactly this value. */
  readonly exact: boolean
}

/** Reads a number of a range, as `typedNumber`. Undefined if the text is no number. */
export function readNumber(text: string, range: NumberRange): Reading | undefined {
  const typed = typedNumber(text, range.multipleOf !== undefined)
  if (typed === undefined) return undefined
  const value = resolved(typed, range)
  return { value, exact: value === typed }
}

/** Reads a seed: a whole number in any notation, without an exponent. Undefined if the text is none. */
export function readSeed(text: string): Reading | undefined {
  const typed = text.trim()
  const digits = ungrouped(plain(typed.replace(sign, '')))
  if (!digits) return undefined
  const seed = BigInt(digits) * (minus.test(typed) ? -1n : 1n)
  const value = seed < 0n ? 0n : seed > maxSeed ? maxSeed : seed
  return { value: String(value), exact: value === seed }
}

const sign = /^[-−－+＋]/
const minus = /^[-−－]/
/** Other separators by those of ASCII. A comma or a point may divide groups or decimals. */
const separators: Readonly<Record<string, string>> = {
  '٫': '.',
  '．': '.',
  '，': ',',
  '٬': "'",
  '’': "'",
  '＇': "'",
  _: "'",
}

/** Digits with separators and an exponent, after `plain`. */
const shape = /^([\d.,' ]+?)(?:e([+-]?\d+))?$/i

/**
 * The number that a person typed, in the notation of any country: "1,5", "1.000,5", "1 000", "١٫٥".
 * A single comma or point is that of decimals, except that before exactly three digits of a whole number it groups them.
 * @param whole whether the number has no decimals
 * @returns undefined if the text is no number; infinite if it is too large for one
 */
export function typedNumber(text: string, whole: boolean): number | undefined {
  const typed = text.trim()
  const [, mantissa = '', exponent] = shape.exec(plain(typed.replace(sign, ''))) ?? []
  const digits = joined(mantissa, whole && exponent === undefined)
  if (digits === undefined) return undefined
  const value = Number(`${digits}e${exponent ?? 0}`)
  return minus.test(typed) && value !== 0 ? -value : value
}

/** The text with ASCII digits and separators. */
const plain = (text: string): string =>
  text
    .trim()
    .replaceAll(/\p{Nd}/gu, digitOf)
    .replaceAll(/\s/g, ' ')
    .replaceAll(/[^\d ]/g, (mark) => separators[mark] ?? mark)

/** The ASCII digit of a decimal digit of any script. Unicode keeps the ten digits of a script in order. */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0
  let value = 0
  while (/\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++
  return String(value % 10)
}

/** Digits in groups of three, or of two before the last three as in India, with one kind of separator. */
const grouped = /^[1-9]\d{0,2}(?:([.,' ])\d{3}|([.,' ])\d{2,3}(?:\2\d{2,3})*\2\d{3})$/

/** Digits without separators; empty for an empty text. Undefined if they are not in groups. */
function ungrouped(digits: string): string | undefined {
  if (/^\d*$/.test(digits)) return digits
  return grouped.test(digits) ? digits.replaceAll(/\D/g, '') : undefined
}

/** Digits with a point at most. Undefined if the separators contradict each other. */
function joined(mantissa: string, whole: boolean): string | undefined {
  const last = Math.max(mantissa.lastIndexOf('.'), mantissa.lastIndexOf(','))
  const repeated = last >= 0 && mantissa.indexOf(mantissa.charAt(last)) < last
  if (last < 0 || repeated || (whole && grouped.test(mantissa))) return ungrouped(mantissa) || undefined
  const integer = ungrouped(mantissa.slice(0, last))
  const fraction = mantissa.slice(last + 1)
  if (integer === undefined || !/^\d*$/.test(fraction) || `${integer}${fraction}` === '') return undefined
  return `${integer}.${fraction}`
}

/** The nearest value of a range. Between two multiples, it is the upper one. */
export function resolved(value: number, { min, max, multipleOf }: NumberRange): number {
  const within = Math.min(max, Math.max(min, value))
  return multipleOf === undefined ? within : Math.round(within / multipleOf) * multipleOf + 0
}
