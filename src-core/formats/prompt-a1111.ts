import type { PromptSegment } from './prompt.ts'

/** Factor by which a pair of brackets multiplies the weight. */
const factors = { '(': 1.1, '[': 1 / 1.1 } as const

/** Escaped brackets and backslashes, brackets, a number that closes a group, other text. */
const tokens = /\\[()[\]\\]|\\|\(|\[|:\s*([+-]?[.\d]+)\s*\)|\)|\]|[^\\()[\]:]+|:/g

/**
 * Splits a prompt into weighted segments with the emphasis of AUTOMATIC1111's web interface:
 * - `(x)` multiplies the weight by 1.1, `[x]` divides it by 1.1, `(x:1.3)` multiplies it by 1.3; nested groups multiply.
 * - A backslash makes a bracket or a backslash literal. A bracket that is never closed extends to the end.
 *
 * `BREAK`, `AND` and `[from:to:when]` are text. Never throws. Weights stop growing before they overflow float32.
 */
export function parseA1111Prompt(text: string): readonly PromptSegment[] {
  const segments: { text: string; weight: number }[] = []
  const open = { '(': [] as number[], '[': [] as number[] }
  const multiply = (start: number, factor: number): void => {
    for (let i = start; i < segments.length; i++) {
      const segment = segments[i]
      if (segment && Number.isFinite(Math.fround(segment.weight * factor))) segment.weight *= factor
    }
  }
  for (const [token, number] of text.matchAll(tokens)) {
    if (token === '(' || token === '[') {
      open[token].push(segments.length)
      continue
    }
    const bracket = token === ']' ? '[' : token === ')' || number !== undefined ? '(' : undefined
    const start = bracket && open[bracket].pop()
    if (bracket && start !== undefined) multiply(start, number === undefined ? factors[bracket] : Number(number))
    else segments.push({ text: token.replace(/^\\(?=.)/s, ''), weight: 1 })
  }
  for (const bracket of ['(', '['] as const) for (const start of open[bracket]) multiply(start, factors[bracket])
  return merged(segments)
}

/** Joins neighbours of equal weight, so that words are not split at escapes and colons. */
function merged(segments: readonly PromptSegment[]): readonly PromptSegment[] {
  const result: { text: string; weight: number }[] = []
  for (const { text, weight } of segments) {
    const last = result.at(-1)
    if (last?.weight === weight) last.text += text
    else result.push({ text, weight })
  }
  return result
}
