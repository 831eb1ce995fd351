import { kindRow } from './kinds.ts'
import type { Kind, Type, TypeOf } from './types.ts'

const fits = <K extends Kind>(kind: K, from: TypeOf<K>, to: TypeOf<K>): boolean =>
  kindRow(kind).fits?.(from, to, { assignable }) ?? true

/** Whether an input of type `to` accepts a value of type `from` without conversion. */
export function assignable(from: Type, to: Type): boolean {
  if (from.kind === 'unknown' || to.kind === 'unknown') return from.kind !== 'nothing'
  return from.kind === to.kind && fits(from.kind, from, to)
}
