import { assignable } from './assignable.ts'
import type { Kind, Type, TypeOf } from './types.ts'

/** A conversion from one kind to another: the resulting type, and the function on values. */
interface Conversion<From extends Kind> {
  readonly type: (from: TypeOf<From>) => Type
  readonly apply: (value: unknown) => unknown
}

/** Lossless conversions. All others need a node. */
const conversions: { readonly [From in Kind]?: { readonly [To in Kind]?: Conversion<From> } } = {
  int: {
    float: { type: ({ min, max }) => ({ kind: 'float', min, max }), apply: (value) => value },
    text: { type: () => ({ kind: 'text' }), apply: String },
    seed: {
      type: ({ min }) => (min >= 0 ? { kind: 'seed' } : { kind: 'nothing', reason: 'a seed is never below 0' }),
      apply: String,
    },
  },
  float: { text: { type: () => ({ kind: 'text' }), apply: String } },
  seed: { text: { type: () => ({ kind: 'text' }), apply: (value) => value } },
  choice: { text: { type: () => ({ kind: 'text' }), apply: (value) => value } },
}

const conversionOf = <From extends Kind>(from: From, to: Kind): Conversion<From> | undefined => conversions[from]?.[to]

const converted = <From extends Kind>(kind: From, from: TypeOf<From>, to: Type): Conversion<From> | undefined => {
  const conversion = conversionOf(kind, to.kind)
  return conversion && assignable(conversion.type(from), to) ? conversion : undefined
}

/**
 * The function that turns a value of type `from` into one of type `to`: identity, a conversion, or a list of one item.
 * Undefined if the link would need a node in between.
 */
export function convert(from: Type, to: Type): ((value: unknown) => unknown) | undefined {
  if (assignable(from, to)) return (value) => value
  const conversion = converted(from.kind, from, to)
  if (conversion) return conversion.apply
  if (to.kind !== 'list' || from.kind === 'list') return undefined
  const item = convert(from, to.of)
  return item && ((value) => [item(value)])
}
