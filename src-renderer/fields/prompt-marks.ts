import { readPrompt } from '#core/formats/prompt.ts'

/** The colour of a part of a prompt: by its weight, or as syntax. */
type PromptMark = 'plain' | 'stronger' | 'weaker' | 'syntax' | 'stray'

export interface MarkedText {
  readonly text: string
  readonly mark: PromptMark
}

/** Longer prompts have no colours, to keep typing fast. */
const longest = 20_000

/** Splits a prompt into parts of one colour. Together they are the whole text. */
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

/** The text of a segment. Unescaped parentheses in it are stray, because they were probably meant as syntax. */
function literal(text: string, weight: number): MarkedText[] {
  const mark = weight > 1 ? 'stronger' : weight < 1 ? 'weaker' : 'plain'
  return text
    .split(/((?<!\\)[()])/)
    .filter((part) => part !== '')
    .map((part) => ({ text: part, mark: part === '(' || part === ')' ? 'stray' : mark }))
}
