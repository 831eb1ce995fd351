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

/** How an entry is meant by what was typed, the surest first; what matches in none of these ways does so roughly. */
const ways: readonly ((entry: SearchEntry, typed: string) => boolean)[] = [
  ({ title }, typed) => lower(title) === typed,
  ({ category }, typed) => lower(category) === typed,
  ({ title }, typed) => lower(title).startsWith(typed),
  ({ keywords }, typed) => keywords.some((word) => lower(word) === typed),
  ({ title }, typed) => lower(title).includes(` ${typed}`),
]

const lower = (text: string): string => text.toLowerCase()

/**
 * The entries that match what was typed, typing errors forgiven, the best first: of those that are meant in the same way, what
 * was used lately, then in the order of menus.
 */
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
  const typed = query.trim()
  return fuse
    .search(typed)
    .map(({ item, refIndex, score = 0 }) => {
      const way = ways.findIndex((means) => means(item, lower(typed)))
      const used = recent.includes(item.id) ? 0 : 1
      return way < 0 ? { item, way: ways.length, used: 0, place: score } : { item, way, used, place: refIndex }
    })
    .sort((a, b) => a.way - b.way || a.used - b.used || a.place - b.place)
    .slice(0, maxFound)
    .map(({ item }) => item)
}

const portNames = ({ signature }: SearchEntry): string[] =>
  [...Object.values(signature?.inputs ?? {}), ...Object.values(signature?.outputs ?? {})].map(({ label }) => label)
