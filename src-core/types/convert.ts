import { assignable } from './assignable.ts'
import type { Kind, Type, TypeOf } from './types.ts'

/** A declared way from one kind to another: the type that it gives, and what happens to the value. */
interface Conversion<From extends Kind> {
  readonly type: (from: TypeOf<From>) => Type
  readonly apply: (value: unknown) => unknown
}

/** Conversions that lose nothing; all others are left to nodes. */
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
 * How a value of type `from` becomes one of type `to`: as it is, by a declared conversion, or as the only item of a list.
 * Undefined when there is no way without a node between them.
 */
export function convert(from: Type, to: Type): ((value: unknown) => unknown) | undefined {
  if (assignable(from, to)) return (value) => value
  const conversion = converted(from.kind, from, to)
  if (conversion) return conversion.apply
  if (to.kind !== 'list' || from.kind === 'list') return undefined
  const item = convert(from, to.of)
  return item && ((value) => [item(value)])
}
