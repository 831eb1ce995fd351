import { printable } from './output.ts'

/** More entries of a list are counted, not shown; `--json` gives all. */
const maxEntries = 20

/** Plain data as indented lines for a person: `key: value`, lists with dashes, long ones cut. */
export function outline(value: unknown, indent = ''): string[] {
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((entry) => ['-', entry])
    : typeof value === 'object' && value !== null
      ? Object.entries(value).map(([name, entry]) => [`${printable(name)}:`, entry])
      : [['', value]]
  const lines = entries.slice(0, maxEntries).flatMap(([head, entry]) => {
    if (entry === undefined) return []
    if (isFlat(entry)) return [`${indent}${head} ${flat(entry)}`]
    const [first = '', ...rest] = outline(entry, `${indent}  `)
    if (head === '-') return [`${indent}- ${first.trimStart()}`, ...rest]
    return [`${indent}${head}`, first, ...rest]
  })
  const hidden = entries.length - maxEntries
  return hidden > 0 ? [...lines, `${indent}… and ${hidden} more (--json gives all)`] : lines
}

/** Scalars and short lists of numbers, such as shapes, stand on the line of their name. */
function isFlat(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= 8 && value.every((entry) => typeof entry === 'number')
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0
}

function flat(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(', ')}]`
  if (typeof value === 'object' && value !== null) return 'none'
  // digits of large counts in groups of three, the same in every locale
  if (typeof value === 'number' && Number.isInteger(value)) return value.toLocaleString('en-US')
  return printable(String(value))
}
