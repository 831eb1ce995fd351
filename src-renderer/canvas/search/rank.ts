import Fuse from 'fuse.js'
import { convert } from '#core/types/convert.ts'
import type { Type } from '#core/types/types.ts'
import type { SearchEntry } from './entries.ts'

/** The fixed end of a dragged link, and its type. */
export interface DanglingEnd {
  readonly side: 'output' | 'input'
  readonly type: Type
}

/** Entries under a heading. Search results have none. */
export interface SearchGroup {
  readonly heading?: string
  readonly entries: readonly SearchEntry[]
}

/** Maximum number of recent entries at the top. */
const maxRecent = 4

/** Maximum number of results. */
const maxFound = 50

/** Whether an entry has a port that the end can be linked to. */
export function fitsEnd({ signature }: SearchEntry, { side, type }: DanglingEnd): boolean {
  if (!signature) return false
  return side === 'output'
    ? Object.values(signature.inputs).some((port) => convert(type, port.type))
    : Object.values(signature.outputs).some((port) => convert(port.type, type))
}

/** Entries by category, with recently used ones on top. */
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

/** Ways to match a query, the most certain first. All other results are fuzzy matches. */
const ways: readonly ((entry: SearchEntry, typed: string) => boolean)[] = [
  ({ title }, typed) => lower(title) === typed,
  ({ category }, typed) => lower(category) === typed,
  ({ title }, typed) => lower(title).startsWith(typed),
  ({ keywords }, typed) => keywords.some((word) => lower(word) === typed),
  ({ title }, typed) => lower(title).includes(` ${typed}`),
]

const lower = (text: string): string => text.toLowerCase()

/**
 * The entries that match a query, with tolerance for typing errors, best first. Equal matches are sorted by recent use,
 * then in the order of menus.
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
