import { assignable } from './assignable.ts'
import { convert } from './convert.ts'
import { describe } from './describe.ts'
import { kindRow, kinds } from './kinds.ts'
import type { Kind, Type, TypeOf } from './types.ts'

export interface Explanation {
  /** Whether the link works, with a conversion if necessary. */
  readonly fits: boolean
  /** A few words, for a tooltip while dragging. */
  readonly short: string
  /** A sentence that names both ends. */
  readonly long: string
  /** A sentence with advice; empty if there is nothing to do. */
  readonly fix: string
}

/** Display names of the two ends: "Checkpoint, output Model". */
export interface Ends {
  readonly from: string
  readonly to: string
}

const repair = <K extends Kind>(kind: K, from: TypeOf<K>, to: TypeOf<K>): string =>
  kindRow(kind).repair?.(from, to, { describe, fix: (inner, asked) => explain(inner, asked).fix }) ??
  kindRow(kind).source

function fixOf(from: Type, to: Type): string {
  if (from.kind === 'nothing') return from.fix ?? kinds[to.kind].source
  if (from.kind === to.kind) return repair(from.kind, from, to)
  return kinds[from.kind].bridges?.[to.kind] ?? kinds[to.kind].source
}

/** Explains whether a link between two types works, and if not, why and what to do. */
export function explain(from: Type, to: Type, ends: Ends = { from: 'the output', to: 'the input' }): Explanation {
  const gives = `${ends.from} gives ${describe(from)}`
  const needs = `${ends.to} needs ${describe(to)}`
  if (assignable(from, to)) {
    return { fits: true, short: 'Fits', long: capitalised(`${needs}, and ${gives}.`), fix: '' }
  }
  if (convert(from, to)) {
    const short = `Becomes a ${kinds[to.kind].noun}`
    return { fits: true, short, long: capitalised(`${gives}, which becomes ${describe(to)} for ${ends.to}.`), fix: '' }
  }
  const short =
    from.kind === to.kind
      ? `Not ${describe(to)}`
      : `${capitalised(kinds[from.kind].noun)} does not fit ${kinds[to.kind].noun}`
  return { fits: false, short, long: capitalised(`${needs}, but ${gives}.`), fix: fixOf(from, to) }
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
