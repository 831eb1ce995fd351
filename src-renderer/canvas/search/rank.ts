import Fuse from 'fuse.js'
import { convert } from '#core/types/convert.ts'
import type { Type } from '#core/types/types.ts'
import type { SearchEntry } from './entries.ts'

/** The end that a dragged link hangs from, with what comes along it or is needed there. */
export interface DanglingEnd {
  readonly side: 'output' | 'input'
  readonly type: Type
}

/** Entries under a heading; of a search without one. */
export interface SearchGroup {
  readonly heading?: string
  readonly entries: readonly SearchEntry[]
}

/** Used entries that stand above all others. */
const maxRecent = 4

/** More results nobody reads. */
const maxFound = 50

/** How much a used entry comes before an equally good one. */
const recentBonus = 0.05

/** Whether an entry has a port that the end can be linked to. */
export function fitsEnd({ signature }: SearchEntry, { side, type }: DanglingEnd): boolean {
  if (!signature) return false
  return side === 'output'
    ? Object.values(signature.inputs).some((port) => convert(type, port.type))
    : Object.values(signature.outputs).some((port) => convert(port.type, type))
}

/** Everything under its category, what was used last on top. */
export function grouped(
  entries: readonly SearchEntry[],
  recent: readonly string[],
  recentHeading: string,
): SearchGroup[] {
  const used = recent.flatMap((id) => entries.find((entry) => entry.id === id) ?? []).slice(0, maxRecent)
  const categories = Map.groupBy(entries, ({ category }) => category)
  return [
    ...(used.length > 0 ? [{ heading: recentHeading, entries: used }] : []),
    ...[...categories].map(([heading, entries]) => ({ heading, entries })),
  ]
}

/** The entries that match what was typed, typing errors forgiven, the best first. */
export function found(entries: readonly SearchEntry[], query: string, recent: readonly string[]): SearchEntry[] {
  const fuse = new Fuse(entries, {
    includeScore: true,
    ignoreLocation: true,
    threshold: 0.35,
    keys: [
      { name: 'title', weight: 6 },
      { name: 'keywords', weight: 2 },
      { name: 'category', weight: 1 },
      { name: 'description', weight: 0.5 },
      { name: 'ports', weight: 0.5, getFn: portNames },
    ],
  })
  const place = ({ item, score = 0 }: { item: SearchEntry; score?: number | undefined }): number =>
    score - (recent.includes(item.id) ? recentBonus : 0)
  return fuse
    .search(query.trim())
    .sort((a, b) => place(a) - place(b))
    .slice(0, maxFound)
    .map(({ item }) => item)
}

const portNames = ({ signature }: SearchEntry): string[] =>
  [...Object.values(signature?.inputs ?? {}), ...Object.values(signature?.outputs ?? {})].map(({ label }) => label)
