import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePrompt } from '#core/formats/prompt.ts'
import { shiftWeight } from './prompt-weight.ts'

/** `[` and `]` stand for the selection, `|` for the cursor. */
function shift(marked: string, direction: 1 | -1, times = 1): string {
  const cursor = marked.indexOf('|')
  const start = cursor < 0 ? marked.indexOf('[') : cursor
  const end = cursor < 0 ? marked.indexOf(']') - 1 : cursor
  let selected = { text: marked.replace(/[[\]|]/g, ''), start, end }
  for (let i = 0; i < times; i++) selected = shiftWeight(selected, direction)
  const { text } = selected
  return `${text.slice(0, selected.start)}[${text.slice(selected.start, selected.end)}]${text.slice(selected.end)}`
}

describe('shiftWeight', () => {
  it.each<[string, string, string]>([
    ['the selection', 'a [red fox], snow', 'a ([red fox]:1.05), snow'],
    ['no blanks at its ends', 'a[ red ]fox', 'a ([red]:1.05) fox'],
    ['the word at the cursor', 'a re|d fox', 'a ([red]:1.05) fox'],
    ['the word before the cursor', 'a red|, fox', 'a ([red]:1.05), fox'],
    ['a group by its content', 'a ([red]:1.05) fox', 'a ([red]:1.1) fox'],
    ['a group as a whole', 'a [(red:1.3)] fox', 'a ([red]:1.35) fox'],
    ['the group around the cursor', 'a (red f|ox:1.2)', 'a ([red fox]:1.25)'],
    ['the inner group', '((red| fox:1.5) in snow:1.2)', '(([red fox]:1.55) in snow:1.2)'],
    ['the outer group outside the inner one', '((red:1.5) sn|ow:1.2)', '([(red:1.5) snow]:1.25)'],
    ['part of a group, from its weight', '(red [fox]:1.2)', '(red ([fox]:1.25):1.2)'],
    ['plain parentheses', '(r|ed)', '([red]:1.15)'],
    ['nested plain parentheses', '((r|ed))', '(([red]:1.26))'],
    ['a group inside the selection', '[a (fox:1.2)]', '([a (fox:1.2)]:1.05)'],
    ['a number that was typed with more digits', '(fo|x:1.234)', '([fox]:1.28)'],
    ['negative weights', '(fo|x:-0.5)', '([fox]:-0.45)'],
    ['a text with a colon', '[a:b]', '([a:b]:1.05)'],
    ['escaped parentheses', String.raw`[a \(b\)]`, String.raw`([a \(b\)]:1.05)`],
    ['a word before an escaped one', String.raw`a|\(b\)`, String.raw`([a]:1.05)\(b\)`],
    ['letters of other scripts', '[狐狸]', '([狐狸]:1.05)'],
  ])('raises %s', (_, before, after) => {
    expect(shift(before, 1)).toBe(after)
  })

  it('lowers below 1', () => {
    expect(shift('a [fox]', -1)).toBe('a ([fox]:0.95)')
  })

  it('takes the parentheses away at the weight around them', () => {
    expect(shift('a (fo|x:1.05)', -1)).toBe('a [fox]')
    expect(shift('a (fo|x:0.95)', 1)).toBe('a [fox]')
    expect(shift('(a ([fox]:1.25):1.2)', -1)).toBe('(a [fox]:1.2)')
    expect(shift('(a ([fox]:1.05):1.2)', -1)).toBe('(a ([fox]:1):1.2)')
  })

  it('stops at 0', () => {
    expect(shift('[fox]', -1, 50)).toBe('([fox]:0)')
  })

  it('comes back after any way up and down', () => {
    expect(shift('a [red fox] b', 1, 7)).toBe('a ([red fox]:1.35) b')
    expect(shift('a ([red fox]:1.35) b', -1, 7)).toBe('a [red fox] b')
  })

  it.each([
    'a ([red) fox]',
    '(a [b) (c] d)',
    '([a:1].2)',
    '[ ]',
    '|',
    'a  |  b',
    '[()]',
    String.raw`[a\](b`,
    String.raw`a \[(b\)]`,
  ])('leaves %s as it is', (text) => {
    const once = shift(text, 1)
    expect(once.replace(/[[\]|]/g, '')).toBe(text.replace(/[[\]|]/g, ''))
  })

  it('changes no letter of the prompt, and reads as it says', () => {
    const parts = fc.array(fc.constantFrom('(', ')', ':1.2)', ' ', 'a', 'b, ', '\\(', '1'), { maxLength: 12 })
    const spoken = (text: string): string =>
      parsePrompt(text)
        .map((segment) => segment.text)
        .join('')
    fc.assert(
      fc.property(parts, fc.nat(40), fc.nat(40), (made, a, b) => {
        const text = made.join('')
        const [start = 0, end = 0] = [a, b].map((at) => Math.min(at, text.length)).sort((x, y) => x - y)
        const next = shiftWeight({ text, start, end }, 1)
        // Parentheses that nothing closes may change their partner; where all are closed the words stay the same.
        const isEven = !spoken(text).match(/[()]/)
        if (isEven && start !== end) expect(spoken(next.text)).toBe(spoken(text))
        expect(next.start).toBeLessThanOrEqual(next.end)
        expect(next.end).toBeLessThanOrEqual(next.text.length)
      }),
      { numRuns: 2000 },
    )
  })
})
