import { sanitizePath } from './file-name.ts'

/** What is known of a file when it gets its name. */
export interface NameFacts {
  readonly when: Date
  /** Index in its batch, from 0. */
  readonly index?: number
  /** In pixels. */
  readonly width?: number
  readonly height?: number
  readonly seed?: string | undefined
  readonly steps?: number | undefined
  readonly guidance?: number | undefined
  /** The checkpoint's name without folder and extension. */
  readonly model?: string | undefined
  readonly solver?: string | undefined
}

interface Pattern {
  /** Completes "%name% is". */
  readonly is: string
  /** @param format the text behind the colon of `%name:format%`, or `format` of the row */
  value(facts: NameFacts, format: string): string | number | undefined
  /** The pattern takes a format, this one by default. */
  readonly format?: string
}

const two = (value: number): string => String(value).padStart(2, '0')

/** Parts of a date by the letters that stand for them, as in ComfyUI; one letter alone is not padded. */
const letters: Readonly<Record<string, (date: Date) => string>> = {
  yyyy: (date) => String(date.getFullYear()),
  yy: (date) => two(date.getFullYear() % 100),
  MM: (date) => two(date.getMonth() + 1),
  M: (date) => String(date.getMonth() + 1),
  dd: (date) => two(date.getDate()),
  d: (date) => String(date.getDate()),
  HH: (date) => two(date.getHours()),
  H: (date) => String(date.getHours()),
  hh: (date) => two(date.getHours()),
  h: (date) => String(date.getHours()),
  mm: (date) => two(date.getMinutes()),
  m: (date) => String(date.getMinutes()),
  ss: (date) => two(date.getSeconds()),
  s: (date) => String(date.getSeconds()),
}
// longest first, as in the table
const anyLetters = new RegExp(Object.keys(letters).join('|'), 'g')

const formatDate = (date: Date, format: string): string =>
  format.replace(anyLetters, (found) => letters[found]?.(date) ?? found)

const part = (is: string, format: string): Pattern => ({ is, value: ({ when }) => formatDate(when, format) })

/** The patterns of a file name by their names. Those of ComfyUI keep its names. */
const patterns = {
  date: { is: 'the day', format: 'yyyy-MM-dd', value: ({ when }, format) => formatDate(when, format) },
  time: { is: 'the time', format: 'HH-mm-ss', value: ({ when }, format) => formatDate(when, format) },
  year: part('the year', 'yyyy'),
  month: part('the month', 'MM'),
  day: part('the day of the month', 'dd'),
  hour: part('the hour', 'HH'),
  minute: part('the minute', 'mm'),
  second: part('the second', 'ss'),
  width: { is: 'the width in pixels', value: ({ width }) => width },
  height: { is: 'the height in pixels', value: ({ height }) => height },
  batch_num: { is: 'the place in the batch, from 0', value: ({ index }) => index },
  seed: { is: 'the seed', value: ({ seed }) => seed },
  steps: { is: 'the number of steps', value: ({ steps }) => steps },
  cfg: { is: 'the guidance scale', value: ({ guidance }) => guidance },
  model: { is: 'the name of the checkpoint', value: ({ model }) => model },
  solver: { is: 'the solver', value: ({ solver }) => solver },
} as const satisfies Readonly<Record<string, Pattern>>

const table: ReadonlyMap<string, Pattern> = new Map(Object.entries(patterns))

/** `%name%` or `%name:format%`. */
const anyPattern = /%([a-z_]+)(?::([^%\n]{1,64}))?%/g

/** A list of the patterns for a person, in Markdown. */
export const patternList = Array.from(
  table,
  ([name, { is, format }]) => `- \`%${name}%\`: ${is}${format === undefined ? '' : `, also \`%${name}:${format}%\``}`,
).join('\n')

/**
 * The path below the output folder that a prefix asks for, without number and extension: `%name%` becomes what it
 * stands for, `/` begins a subfolder, and whatever a file name cannot contain becomes `_`. A pattern that is not known
 * stays as it is; one without a value, such as the seed of a loaded picture, becomes nothing.
 */
export function outputName(prefix: string, facts: NameFacts): string {
  return sanitizePath(replacePatterns(prefix, ({ value, format = '' }, given) => value(facts, given ?? format)))
}

/** The subfolders of a prefix that do not depend on what is drawn or when: those before its first percent sign. */
export function fixedFolders(prefix: string): readonly string[] {
  const [start = ''] = prefix.split('%', 1)
  return start === prefix ? foldersOf(prefix) : foldersOf(`${start}%`)
}

const foldersOf = (prefix: string): readonly string[] => sanitizePath(prefix).split('/').slice(0, -1)

/** What stands between two percent signs in a prefix like a pattern, and is none. */
export function unknownPatterns(prefix: string): readonly string[] {
  // what is known becomes nothing that another percent sign could end
  const rest = replacePatterns(prefix, () => '\n')
  return [...new Set(rest.match(/%[\p{L}\d_.:-]{1,64}%/gu))]
}

/** Whether a file, named by its path below the output folder without number and extension, may come from a prefix. */
export function mayName(prefix: string, name: string): boolean {
  // a private character stands for what the patterns became
  const parts = sanitizePath(replacePatterns(prefix, () => '\ue000')).split('\ue000')
  const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  return new RegExp(`^${parts.map(literal).join('.*')}$`, 's').test(name)
}

function replacePatterns(
  prefix: string,
  valueIn: (pattern: Pattern, format: string | undefined) => string | number | undefined,
): string {
  return prefix.replace(anyPattern, (whole, name: string, format: string | undefined) => {
    const pattern = table.get(name)
    if (!pattern || (format !== undefined && pattern.format === undefined)) return whole
    const value = String(valueIn(pattern, format) ?? '')
    // only a format may begin a folder; a model's name may not
    return format === undefined ? value.replace(/[/\\]/g, '_') : value
  })
}
