import { parseArgs } from 'node:util'
import { LoomError } from '#core/errors.ts'

/**
 * What may follow a command: a switch stands alone, a text has a value, a list may come several times, and an option has a
 * value only behind `=`.
 */
interface Flag {
  readonly kind: 'switch' | 'text' | 'list' | 'option'
  readonly short?: string
  /** How help names the value. */
  readonly value?: string
  readonly help: string
}
export type Flags = Readonly<Record<string, Flag>>

interface ValueOf {
  switch: boolean
  text: string | undefined
  list: readonly string[]
  /** Empty: given without a value. */
  option: string | undefined
}
type FlagValues<F extends Flags> = { readonly [N in keyof F]: ValueOf[F[N]['kind']] }

/** `FILE`, or `[TYPE]` where it may be left out. */
export type Operands = readonly string[]

export interface Arguments<F extends Flags> {
  readonly values: FlagValues<F>
  readonly operands: readonly string[]
}

/**
 * Reads what follows a command. `--` ends the flags, so that a file's name may begin with a dash.
 * @throws LoomError `usage` for an unknown flag, a missing or extra value or operand
 */
export function parseArguments<F extends Flags>(args: readonly string[], flags: F, names: Operands): Arguments<F> {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(flags).map(([name, { kind, short }]) => [
        name,
        { type: kind === 'switch' || kind === 'option' ? 'boolean' : 'string', ...(short && { short }) },
      ]),
    ),
    strict: false,
    tokens: true,
  })
  const given = new Map<string, string[]>()
  const operands: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value)
    if (token.kind !== 'option') continue
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined
    if (!flag)
      throw unknown(
        'flag',
        token.rawName,
        Object.keys(flags).map((name) => `--${name}`),
      )
    given.set(token.name, [...(given.get(token.name) ?? []), valueOfToken(token, flag)])
  }
  checkOperands(operands, names)
  const values = Object.entries(flags).map(([name, { kind }]) => [name, kinds[kind](given.get(name) ?? [], name)])
  return { values: Object.fromEntries(values), operands }
}

const kinds: { [K in Flag['kind']]: (given: readonly string[], name: string) => ValueOf[K] } = {
  switch: (given) => given.length > 0,
  list: (given) => given,
  text: oneOf,
  option: oneOf,
}

function oneOf(given: readonly string[], name: string): string | undefined {
  if (given.length > 1) throw wrong(`--${name} is given ${given.length} times.`, 'Give it once.')
  return given[0]
}

function valueOfToken(
  token: { rawName: string; value?: string; inlineValue?: boolean },
  { kind, value }: Flag,
): string {
  const { rawName, inlineValue } = token
  if (kind === 'option') return token.value ?? ''
  if (kind === 'switch') {
    if (inlineValue) throw wrong(`${rawName} takes no value.`, `Write ${rawName} alone.`)
    return ''
  }
  if (token.value === undefined || token.value === '' || (!inlineValue && token.value.startsWith('--'))) {
    throw wrong(`${rawName} needs a value.`, `Write ${rawName} ${value ?? 'VALUE'}.`)
  }
  return token.value
}

function checkOperands(operands: readonly string[], names: Operands): void {
  const missing = names[operands.length]
  const extra = operands[names.length]
  if (missing && !missing.startsWith('[')) throw wrong(`${missing} is missing.`)
  if (extra !== undefined) throw wrong(`"${extra}" is one argument too many.`, 'Put quotes around a name with spaces.')
}

/** What the caller of the command line did wrong. */
export function wrong(message: string, hint = 'Try --help.'): LoomError {
  return new LoomError('usage', message, { hint })
}

/** @returns the error for a word that is none of `known`; it suggests the nearest */
export function unknown(what: string, word: string, known: readonly string[]): LoomError {
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, candidate.length / 3))
    .sort((a, b) => a.distance - b.distance)
  const hint = nearest ? `Did you mean ${nearest.candidate}?` : `There are: ${known.join(', ')}.`
  return wrong(`There is no ${what} "${word}".`, hint)
}

/** Levenshtein distance: insertions, deletions and substitutions from `a` to `b`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
