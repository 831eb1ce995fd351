import { assignable } from './assignable.ts'
import { type Conversion, kindRow } from './kinds.ts'
import type { Kind, Type, TypeOf } from './types.ts'

const converted = <From extends Kind>(kind: From, from: TypeOf<From>, to: Type): Conversion<From> | undefined => {
  const conversion = kindRow(kind).conversions?.[to.kind]
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
