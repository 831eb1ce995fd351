/** A part of a prompt and the weight of its tokens. */
export interface PromptSegment {
  readonly text: string
  readonly weight: number
}

/** The range of a segment in the prompt, including escapes. */
interface PromptSpan {
  readonly start: number
  readonly end: number
  readonly weight: number
}

/** Parentheses that change the weight of their content. */
export interface PromptGroup {
  /** Indices of its two parentheses. */
  readonly open: number
  readonly close: number
  /** End of its content: the colon before its number, otherwise `close`. */
  readonly end: number
  /** The weight inside the group, and outside. */
  readonly weight: number
  readonly outside: number
}

/** A parsed prompt. Text outside the segments is syntax. */
interface PromptSyntax {
  readonly segments: readonly PromptSpan[]
  /** Outer groups first. */
  readonly groups: readonly PromptGroup[]
}

/** Factor of a pair of parentheses without a number. */
const emphasis = 1.1

/** The syntax of Python's `float()` without `inf` and `nan`. Underscores are allowed between digits. */
const digits = String.raw`\d+(?:_\d+)*`
const numberPattern = new RegExp(
  String.raw`^\s*[+-]?(?:${digits}(?:\.(?:${digits})?)?|\.${digits})(?:e[+-]?${digits})?\s*$`,
  'i',
)

/**
 * Splits a prompt into weighted segments, with ComfyUI's semantics:
 * - `(x)` multiplies the weight by 1.1, also when nested; `(x:1.3)` sets it, whatever the weight outside.
 * - The number follows the last colon and has the syntax of Python's `float()`, including negative and exponent forms.
 *   Otherwise the colon is text.
 * - `\(` and `\)` are literal. Brackets, braces and `<lora:...>` are text.
 * - An opening parenthesis that is never closed makes the rest of its group literal. But if that rest ends in a closing
 *   one, those two form a group. A stray closing one makes the next opening one literal.
 *
 * Unlike ComfyUI, where such weights give a context of NaN, a number that is not finite in float32 (`1e99`, `inf`) is
 * text, and weights stop growing before they overflow.
 *
 * Never throws. Takes linear time, and nesting is limited only by the length of the text.
 */
export function parsePrompt(text: string): readonly PromptSegment[] {
  return readPrompt(text).segments.map(({ start, end, weight }) => ({
    text: unescapeParentheses(text.slice(start, end)),
    weight,
  }))
}

/** The positions of the segments and groups of a prompt, by the rules of `parsePrompt`. */
export function readPrompt(text: string): PromptSyntax {
  const closing = matchParentheses(text)
  const segments: PromptSpan[] = []
  const groups: PromptGroup[] = []
  const outer: { readonly resume: number; readonly end: number; readonly weight: number }[] = []
  let start = 0
  let at = 0
  let end = text.length
  let weight = 1
  const emit = (to: number): void => {
    if (to > start) segments.push({ start, end: to, weight })
    start = to
  }
  for (;;) {
    if (at === end) {
      emit(end)
      const group = outer.pop()
      if (group === undefined) return { segments, groups }
      start = at = group.resume
      end = group.end
      weight = group.weight
      continue
    }
    const close = closing[at] ?? 0
    if (close === 0) {
      at++
      continue
    }
    emit(at)
    const last = close < end ? close : end - 1
    if (text[last] !== ')' || isEscaped(text, last)) {
      at = end
      continue
    }
    outer.push({ resume: last + 1, end, weight })
    const { colon, number } = trailingNumber(text, at + 1, last)
    const outside = weight
    weight = number ?? (isFloat32(weight * emphasis) ? weight * emphasis : weight)
    groups.push({ open: at, close: last, end: colon, weight, outside })
    start = at = at + 1
    end = colon
  }
}

/**
 * For every opening parenthesis the index of its closing one, or the text's length if there is none. The value is 0
 * for all other characters, and for a parenthesis that a stray closing one before it makes literal.
 */
function matchParentheses(text: string): Int32Array {
  const closing = new Int32Array(text.length)
  const open: number[] = []
  let stray = 0
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if ((character !== '(' && character !== ')') || isEscaped(text, index)) continue
    if (character === '(') {
      if (stray > 0) stray--
      else {
        closing[index] = text.length
        open.push(index)
      }
    } else {
      const opening = open.pop()
      if (opening === undefined) stray++
      else closing[opening] = index
    }
  }
  return closing
}

/**
 * The number after the last colon of a group's content [start, end), and the index of that colon, or `end` without one.
 * The search stops at a parenthesis, which no number contains, so all calls together take linear time.
 */
function trailingNumber(text: string, start: number, end: number): { colon: number; number?: number } {
  for (let index = end - 1; index > start; index--) {
    const character = text[index]
    if (character === '(' || character === ')') break
    if (character !== ':') continue
    const number = parseNumber(text.slice(index + 1, end))
    return number === undefined ? { colon: end } : { colon: index, number }
  }
  return { colon: end }
}

function parseNumber(text: string): number | undefined {
  const ascii = text.replace(/[０-９]/g, (digit) => String(digit.charCodeAt(0) - 0xff10))
  if (!numberPattern.test(ascii)) return undefined
  const number = Number(ascii.replaceAll('_', ''))
  return isFloat32(number) ? number : undefined
}

const isFloat32 = (value: number): boolean => Number.isFinite(Math.fround(value))

/** A backslash right before a parenthesis escapes it, even if another backslash precedes it. */
const isEscaped = (text: string, index: number): boolean => text[index - 1] === '\\'

const unescapeParentheses = (text: string): string => text.replace(/\\([()])/g, '$1')
