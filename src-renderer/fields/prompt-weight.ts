import { type PromptGroup, readPrompt } from '#core/formats/prompt.ts'

/** Change of a weight per key press. */
const weightStep = 0.05

/** A text with a selection. */
export interface SelectedText {
  readonly text: string
  readonly start: number
  readonly end: number
}

/**
 * Raises or lowers the weight of the selection, as `(word:1.05)`. Without a selection, it uses the innermost group
 * around the cursor, or else the word. A group whose weight equals that around it loses its parentheses. A selection
 * that cuts through a group, or has only blanks, does not change.
 * @param direction 1 or -1
 */
export function shiftWeight(selected: SelectedText, direction: 1 | -1): SelectedText {
  const { segments, groups } = readPrompt(selected.text)
  const range = selected.start === selected.end ? aroundCursor(selected, groups) : trimmed(selected)
  if (range.start === range.end || groups.some((group) => cuts(range, group))) return selected
  if (isEscaped(selected.text, range.start) || isEscaped(selected.text, range.end)) return selected
  const group = groups.findLast(({ open, close, end }) => {
    const whole = range.start === open && range.end === close + 1
    return whole || (range.start === open + 1 && (range.end === end || range.end === close))
  })
  if (group) return group.end > group.open + 1 ? reweighted(selected.text, group, direction) : selected
  const weight = segments.find(({ end }) => end > range.start)?.weight ?? 1
  return wrapped({ ...selected, ...range }, moved(weight, direction))
}

type Range = Pick<SelectedText, 'start' | 'end'>

function aroundCursor({ text, start }: SelectedText, groups: readonly PromptGroup[]): Range {
  const group = groups.findLast(({ open, close }) => open < start && start <= close)
  if (group) return { start: group.open, end: group.close + 1 }
  const before = /[^\s,.;:!?()\\]*$/.exec(text.slice(0, start))?.[0].length ?? 0
  const after = /^[^\s,.;:!?()\\]*/.exec(text.slice(start))?.[0].length ?? 0
  return { start: start - before, end: start + after }
}

function trimmed({ text, start, end }: SelectedText): Range {
  const inside = text.slice(start, end)
  const from = start + inside.length - inside.trimStart().length
  return { start: from, end: Math.max(from, start + inside.trimEnd().length) }
}

/** Whether a range contains a part of a group's syntax but not the whole group. A range in the content does not cut. */
function cuts({ start, end }: Range, { open, close, end: contentEnd }: PromptGroup): boolean {
  const isInside = start > open && end <= contentEnd
  const isContent = start === open + 1 && end === close
  const isAround = start <= open && end > close
  const isApart = end <= open || start > close
  return !(isInside || isContent || isAround || isApart)
}

/** Whether an index is between a backslash and the parenthesis that it escapes. */
const isEscaped = (text: string, index: number): boolean => text[index - 1] === '\\' && /^[()]/.test(text.slice(index))

function reweighted(text: string, { open, close, end, weight, outside }: PromptGroup, direction: 1 | -1): SelectedText {
  const next = moved(weight, direction)
  const content = text.slice(open + 1, end)
  const [before, after] = [text.slice(0, open), text.slice(close + 1)]
  if (next === rounded(outside)) return { text: before + content + after, start: open, end: open + content.length }
  return wrapped({ text: before + content + after, start: open, end: open + content.length }, next)
}

/** Puts the selection in parentheses with a weight, and keeps it selected. */
function wrapped({ text, start, end }: SelectedText, weight: number): SelectedText {
  const group = `(${text.slice(start, end)}:${weight})`
  return { text: text.slice(0, start) + group + text.slice(end), start: start + 1, end: end + 1 }
}

/** Changes a weight, not below 0. Negative weights can only be typed. */
function moved(weight: number, direction: 1 | -1): number {
  const next = rounded(weight + direction * weightStep)
  return weight >= 0 ? Math.max(0, next) : next
}

const rounded = (weight: number): number => Math.round(weight * 100) / 100
