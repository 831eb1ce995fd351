import { LoomError } from '#core/errors.ts'
import { describe } from '#core/types/describe.ts'
import type { ConstantKind, Kind, Type, TypeOf } from '#core/types/types.ts'
import type { Json } from './json.ts'
import type { Constant } from './node-type.ts'

export const maxSeed = 2n ** 64n - 1n

/** About ten thousand words, more than any text encoder uses. */
const maxText = 100_000
const maxFileName = 4096

/** The fault of a value, as the end of a sentence that begins with its name. */
interface Complaint {
  readonly code: 'type' | 'range' | 'limit'
  readonly is: string
}

interface Rule<K extends Kind> {
  readonly fromJson: (type: TypeOf<K>, value: Json) => Constant | Complaint
  /** Reads text that a person typed. */
  readonly fromText: (type: TypeOf<K>, text: string) => Constant | Complaint
  /** The type narrowed to this value. */
  readonly narrow: (type: TypeOf<K>, value: Constant) => Type
}

const needs = (type: Type, value: Json): Complaint => ({
  code: 'type',
  is: `is ${shown(value)}; it needs ${describe(type)}`,
})

const outside = (type: Type, value: Json): Complaint => ({
  code: 'range',
  is: `is ${shown(value)}; it has to be ${describe(type)}`,
})

const numberText = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i

function numberOf(type: TypeOf<'int' | 'float'>, value: Json): number | Complaint {
  if (typeof value !== 'number') return needs(type, value)
  const whole = type.kind === 'float' || (Number.isInteger(value) && value % type.multipleOf === 0)
  return whole && value >= type.min && value <= type.max ? value : outside(type, value)
}

const numberOfText = (type: TypeOf<'int' | 'float'>, text: string): number | Complaint =>
  numberText.test(text) ? numberOf(type, Number(text)) : needs(type, text)

function seedOf(type: TypeOf<'seed'>, value: Json): string | Complaint {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : outside(type, value)
  if (typeof value !== 'string') return needs(type, value)
  if (!/^[+-]?\d+$/.test(value)) return needs(type, value)
  if (!/^\+?\d{1,40}$/.test(value) || BigInt(value.replace('+', '')) > maxSeed) return outside(type, value)
  return String(BigInt(value.replace('+', '')))
}

function textOf(type: TypeOf<'text'>, value: Json): string | Complaint {
  if (typeof value !== 'string') return needs(type, value)
  if (value.length <= maxText) return value
  return { code: 'limit', is: `has ${value.length} characters; at most ${maxText} are possible` }
}

function choiceOf(type: TypeOf<'choice'>, value: Json): string | Complaint {
  return typeof value === 'string' && type.options.includes(value) ? value : outside(type, value)
}

function fileOf(type: TypeOf<'file'>, value: Json): string | Complaint {
  if (typeof value !== 'string' || value === '') return needs(type, value)
  if (value.includes('\0')) return { code: 'type', is: 'holds a NUL character, which no file name has' }
  if (value.length <= maxFileName) return value
  return { code: 'limit', is: `has ${value.length} characters; a file name has at most ${maxFileName}` }
}

/** Rules of a kind without constants. */
const linkOnly = {
  fromJson: needs,
  fromText: needs,
  narrow: (type: Type): Type => type,
}

const rules: { readonly [K in Kind]?: Rule<K> } = {
  int: {
    fromJson: numberOf,
    fromText: numberOfText,
    narrow: (type, value) => ({ ...type, min: Number(value), max: Number(value) }),
  },
  float: {
    fromJson: numberOf,
    fromText: numberOfText,
    narrow: (type, value) => ({ ...type, min: Number(value), max: Number(value) }),
  },
  text: { fromJson: textOf, fromText: textOf, narrow: (type) => type },
  seed: { fromJson: seedOf, fromText: (type, text) => seedOf(type, text.trim()), narrow: (type) => type },
  choice: {
    fromJson: choiceOf,
    fromText: choiceOf,
    narrow: (type, value) => ({ ...type, options: [String(value)] }),
  },
  file: { fromJson: fileOf, fromText: fileOf, narrow: (type, value) => ({ ...type, name: String(value) }) },
} satisfies { readonly [K in ConstantKind]: Rule<K> }

const ruleOf = <K extends Kind>(kind: K): Rule<K> | typeof linkOnly => rules[kind] ?? linkOnly

/**
 * Reads a value of a document as a constant.
 * @param name of the input, to begin the error's message
 * @returns the constant, or the error `type`, `range` or `limit`, which says what the value must be
 */
export function readConstant(type: Type, value: Json, name: string): Constant | LoomError {
  return settled(ruleOf(type.kind).fromJson(type, value), name)
}

/** Reads a text typed by a person as a constant, like `readConstant`. */
export function readText(type: Type, text: string, name: string): Constant | LoomError {
  return settled(ruleOf(type.kind).fromText(type, text), name)
}

/** The type of an input that holds a constant, narrowed to that constant. */
export function narrowed(type: Type, value: Constant): Type {
  return ruleOf(type.kind).narrow(type, value)
}

function settled(result: Constant | Complaint, name: string): Constant | LoomError {
  return typeof result === 'object' ? new LoomError(result.code, `${name} ${result.is}.`) : result
}

function shown(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
