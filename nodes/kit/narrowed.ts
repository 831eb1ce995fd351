import { exactly, type TypeOf, UNKNOWN } from '#core/types/types.ts'

/** The numbers that inputs are narrowed to, by name; undefined if one is known only at run time. */
export function numbersOf<N extends string>(
  types: Readonly<Record<N, TypeOf<'int' | 'float'>>>,
): Readonly<Record<N, number>> | undefined {
  const entries = Object.entries<TypeOf<'int' | 'float'>>(types).map(([name, type]) => [name, exactly(type)] as const)
  if (entries.some(([, value]) => value === UNKNOWN)) return undefined
  return Object.fromEntries(entries) as Record<N, number>
}

/** The option that a choice is narrowed to; undefined if it is known only at run time. */
export function optionOf<V extends string>(
  { options }: TypeOf<'choice'>,
  all: Readonly<Record<V, string>>,
): V | undefined {
  const [option] = options.length === 1 ? options : []
  return option !== undefined && option in all ? (option as V) : undefined
}
