import { readPrompt } from '#core/formats/prompt.ts'

/** How a stretch of a prompt is coloured: by its weight, or as the syntax that sets it. */
type PromptMark = 'plain' | 'stronger' | 'weaker' | 'syntax' | 'stray'

export interface MarkedText {
  readonly text: string
  readonly mark: PromptMark
}

/** More than this is shown without colours, so that typing stays quick. */
const longest = 20_000

/** A prompt in stretches of one colour; together they are the text. */
export function markPrompt(text: string): readonly MarkedText[] {
  if (text.length > longest || !/[()]/.test(text)) return [{ text, mark: 'plain' }]
  const marked: MarkedText[] = []
  let at = 0
  for (const { start, end, weight } of readPrompt(text).segments) {
    if (start > at) marked.push({ text: text.slice(at, start), mark: 'syntax' })
    marked.push(...literal(text.slice(start, end), weight))
    at = end
  }
  if (at < text.length) marked.push({ text: text.slice(at), mark: 'syntax' })
  return marked
}

/** The text of a segment; parentheses in it that are not escaped were meant as syntax and are none. */
function literal(text: string, weight: number): MarkedText[] {
  const mark = weight > 1 ? 'stronger' : weight < 1 ? 'weaker' : 'plain'
  return text
    .split(/((?<!\\)[()])/)
    .filter((part) => part !== '')
    .map((part) => ({ text: part, mark: part === '(' || part === ')' ? 'stray' : mark }))
}
