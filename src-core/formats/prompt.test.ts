import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuTime } from '#test/cpu-time.ts'
import { type PromptSegment, parsePrompt, readPrompt } from './prompt.ts'

const pairs = (text: string): (string | number)[][] => parsePrompt(text).map(({ text, weight }) => [text, weight])

describe('parsePrompt', () => {
  it.each<[string, (string | number)[][]]>([
    ['', []],
    ['()', []],
    ['a fox', [['a fox', 1]]],
    [
      'a (red) fox',
      [
        ['a ', 1],
        ['red', 1.1],
        [' fox', 1],
      ],
    ],
    ['((a))', [['a', 1.1 * 1.1]]],
    ['((a:1.5))', [['a', 1.5]]],
    ['((a):1.5)', [['a', 1.5 * 1.1]]],
    [
      '(a (b:2.0) c:0.5) d',
      [
        ['a ', 0.5],
        ['b', 2],
        [' c', 0.5],
        [' d', 1],
      ],
    ],
    [
      'x ((((lol (cat:6) dog:10)))) y',
      [
        ['x ', 1],
        ['lol ', 10],
        ['cat', 6],
        [' dog', 10],
        [' y', 1],
      ],
    ],
    ['(a:b:1.5)', [['a:b', 1.5]]],
    ['(a:1.5:b)', [['a:1.5:b', 1.1]]],
  ])('multiplies and sets weights: %s', (text, expected) => {
    expect(pairs(text)).toEqual(expected)
  })

  it.each([
    ['-0.5', -0.5],
    ['+2', 2],
    [' 1.5 ', 1.5],
    ['.5', 0.5],
    ['2.', 2],
    ['1e-1', 0.1],
    ['1E1', 10],
    ['1_0', 10],
    ['１.５', 1.5],
    ['0', 0],
  ])('takes %j for a number', (number, weight) => {
    expect(pairs(`(a:${number})`)).toEqual([['a', weight]])
  })

  it.each(['', 'abc', '1.2.3', '1__0', '_1', '1_', '0x10', '1e', '.', '- 1', 'inf', '-Infinity', 'nan', '²'])(
    'takes %j for text',
    (number) => {
      expect(pairs(`(a:${number})`)).toEqual([[`a:${number}`, 1.1]])
    },
  )

  it('needs something before the colon', () => {
    expect(pairs('(:1.2)')).toEqual([[':1.2', 1.1]])
  })
})

describe('readPrompt', () => {
  it('says where groups are and what they weigh inside and outside', () => {
    const { groups } = readPrompt('x (a (b:2) c:0.5) (d')
    expect(groups).toEqual([
      { open: 2, close: 16, end: 12, weight: 0.5, outside: 1 },
      { open: 5, close: 9, end: 7, weight: 2, outside: 0.5 },
    ])
  })

  it('says where segments are, escapes and all', () => {
    const text = String.raw`a \(b\) (c:1.5)`
    const cuts = readPrompt(text).segments.map(({ start, end, weight }) => [text.slice(start, end), weight])
    expect(cuts).toEqual([
      [String.raw`a \(b\) `, 1],
      ['c', 1.5],
    ])
  })
})

describe('fault 33: emphasis syntax', () => {
  it.each<[string, (string | number)[][]]>([
    ['((a', [['((a', 1]]],
    [
      'x (a (b:2) c',
      [
        ['x ', 1],
        ['(a (b:2) c', 1],
      ],
    ],
    ['((abc)', [['(abc', 1.1]]],
    [
      '((a) b:2)',
      [
        ['a', 2 * 1.1],
        [' b', 2],
      ],
    ],
    ['(((a):2)', [['(a', 2 * 1.1]]],
    ['a) (b) (c', [['a) (b) (c', 1]]],
    [
      'a) ((b) c',
      [
        ['a) (', 1],
        ['b', 1.1],
        [' c', 1],
      ],
    ],
    [')(', [[')(', 1]]],
  ])('reads unbalanced parentheses as ComfyUI: %s', (text, expected) => {
    expect(pairs(text)).toEqual(expected)
  })

  it('takes weights that float32 cannot hold for text', () => {
    expect(pairs('(a:1e99)')).toEqual([['a:1e99', 1.1]])
    expect(pairs('(a:1e38)')).toEqual([['a', 1e38]])
  })

  it('reads escaped parentheses as text', () => {
    expect(pairs(String.raw`a \(b\) (c\))`)).toEqual([
      ['a (b) ', 1],
      ['c)', 1.1],
    ])
    expect(pairs(String.raw`\\(a)`)).toEqual([[String.raw`\(a)`, 1]])
    expect(pairs(String.raw`((a\)`)).toEqual([['((a)', 1]])
    expect(pairs(String.raw`\a\\`)).toEqual([[String.raw`\a\\`, 1]])
  })

  it.each(['[a|b]', '[[a|b]:0.5]', '{a|b}', 'a BREAK b AND c', '<lora:../../x:1>', '<lora:C:\\x:1>', 'embedding:../x'])(
    'reads %s as text',
    (text) => {
      expect(pairs(text)).toEqual([[text, 1]])
    },
  )

  it('reads 10,000 nested parentheses', () => {
    const [segment, ...more] = parsePrompt(`${'('.repeat(10_000)}a${')'.repeat(10_000)}`)
    expect(more).toEqual([])
    expect(segment?.text).toBe('a')
    expect(Math.fround(segment?.weight ?? 0)).toBeLessThan(Infinity)
    expect(segment?.weight).toBeGreaterThan(1e38)
    expect(pairs('('.repeat(10_000))).toEqual([['('.repeat(10_000), 1]])
  })

  it.each([
    ['nested', `${'('.repeat(50_000)}a${')'.repeat(50_000)}`],
    ['nested with numbers', `${'('.repeat(25_000)}a${':1)'.repeat(25_000)}`],
    ['closed too rarely', `${'('.repeat(50_000)}a:1${')'.repeat(40_000)}`],
    ['never closed', '(a'.repeat(50_000)],
    ['wrong way round', ')('.repeat(50_000)],
    ['escaped', '\\('.repeat(50_000)],
    ['a long number', `(a:${'1'.repeat(100_000)}x)`],
    ['many colons', `(a${':1'.repeat(50_000)}x)`],
    ['spaces behind a number', `(a:1${' '.repeat(100_000)}x)`],
  ])('takes linear time for 100 kB: %s', (_, text) => {
    expect(cpuTime(() => parsePrompt(text))).toBeLessThan(1000)
  })

  const syntax = fc.array(fc.constantFrom('(', ')', '(', ')', ':', '\\', 'a', ' ', '1', '.', 'e9', '-', '(b:1.2)'))
  const anyPrompt = fc.oneof(
    syntax.map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 200 }),
  )

  it('takes any string: segments are not empty, weights finite', () => {
    fc.assert(
      fc.property(anyPrompt, (text) => {
        for (const segment of parsePrompt(text)) {
          expect(segment.text).not.toBe('')
          expect(Number.isFinite(Math.fround(segment.weight))).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('loses nothing but parentheses, escapes and numbers', () => {
    const letters = (text: string): string => text.replace(/[^a-z]/g, '')
    fc.assert(
      fc.property(syntax, (parts) => {
        const text = parts.filter((part) => part !== 'e9').join('')
        expect(
          letters(
            parsePrompt(text)
              .map((segment: PromptSegment) => segment.text)
              .join(''),
          ),
        ).toBe(letters(text))
      }),
      { numRuns: 1000 },
    )
  })

  it('reads any escaped text as itself', () => {
    fc.assert(
      fc.property(syntax, (parts) => {
        const text = parts.join('').replaceAll('\\', '')
        const expected = text === '' ? [] : [[text, 1]]
        expect(pairs(text.replace(/[()]/g, '\\$&'))).toEqual(expected)
      }),
    )
  })
})
