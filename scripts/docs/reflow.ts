/** Maximum columns of a line in the docs. */
export const lineLimit = 120

/** A list marker with the spaces around it. */
const marker = /^\s*(?:[-*]|\d+\.) +/

/** Headings, rows of tables, HTML and blank lines stay as they are. */
const verbatim = /^\s*(?:#|\||<|$)/

/** A word, with any following token that would begin a list, a heading or a quote at the start of a line. */
const word = /(?:`[^`]+`|\[[^\]]+\]\([^)\s]+\)|\S)+(?:\s+(?:[-+*=]+|#+|>\S*|\d+[.)])(?=\s|$))*/g

/**
 * Breaks the paragraphs and list items of a Markdown text at `lineLimit` columns. Code blocks, headings and tables keep
 * their lines. A code span is broken only if it is longer than a line.
 */
export function reflow(markdown: string): string {
  const lines: string[] = []
  let paragraph: string[] = []
  let fenced = false
  const flush = (): void => {
    if (paragraph.length > 0) lines.push(...wrap(paragraph.join('\n')))
    paragraph = []
  }
  for (const line of markdown.split('\n')) {
    const fence = /^\s*```/.test(line)
    if (fence || fenced || verbatim.test(line)) {
      flush()
      lines.push(line)
    } else {
      if (marker.test(line)) flush()
      paragraph.push(line)
    }
    fenced = fence ? !fenced : fenced
  }
  flush()
  return lines.join('\n')
}

function wrap(paragraph: string): string[] {
  const [start = ''] = marker.exec(paragraph) ?? /^\s*/.exec(paragraph) ?? []
  const indent = ' '.repeat(start.length)
  const lines: string[] = []
  let line = ''
  for (const next of words(paragraph.slice(start.length), lineLimit - start.length)) {
    if (line !== '' && start.length + line.length + 1 + next.length > lineLimit) {
      lines.push(line)
      line = next
    } else line += line === '' ? next : ` ${next}`
  }
  return [...lines, line].map((text, index) => (index === 0 ? start : indent) + text)
}

/** The words between which a line may break. A code span or a link is one word if it fits into a line. */
function words(text: string, width: number): string[] {
  const spans = text.trim().match(word) ?? []
  return spans.flatMap((span) => (span.length > width ? span.split(/\s+/) : span.replaceAll(/\s+/g, ' ')))
}
