import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseA1111Prompt } from './prompt-a1111.ts'

const pairs = (text: string) => parseA1111Prompt(text).map(({ text, weight }) => [text, Number(weight.toFixed(6))])

describe('parseA1111Prompt', () => {
  it.each([
    ['', []],
    ['a fox', [['a fox', 1]]],
    [
      'an (important) word',
      [
        ['an ', 1],
        ['important', 1.1],
        [' word', 1],
      ],
    ],
    [
      'a [quiet] fox',
      [
        ['a ', 1],
        ['quiet', 0.909091],
        [' fox', 1],
      ],
    ],
    ['((a))', [['a', 1.21]]],
    ['[[a]]', [['a', 0.826446]]],
    ['[(a)]', [['a', 1]]],
    // a number multiplies the outer weight; ComfyUI's sets the weight
    ['((a:1.5))', [['a', 1.65]]],
    [
      '(a (b:2.0) c:0.5) d',
      [
        ['a ', 0.5],
        ['b', 1],
        [' c', 0.5],
        [' d', 1],
      ],
    ],
    ['(a: 1.2 )', [['a', 1.2]]],
    ['(a:-1)', [['a', -1]]],
    ['a: b', [['a: b', 1]]],
    ['a:1.2)', [['a:1.2)', 1]]],
    ['(unbalanced', [['unbalanced', 1.1]]],
    ['a) b]', [['a) b]', 1]]],
    [String.raw`\(literal\] \\`, [['(literal] \\', 1]]],
    [
      'a BREAK b [x:y:0.5]',
      [
        ['a BREAK b ', 1],
        ['x:y:0.5', 0.909091],
      ],
    ],
  ])('weighs %j', (text, expected) => {
    expect(pairs(text)).toEqual(expected)
  })

  it('takes any text; weights are finite in float32', () => {
    const bracketed = fc.string({
      unit: fc.constantFrom('(', ')', '[', ']', '\\', ':', '9', '.', 'a', ' '),
      maxLength: 80,
    })
    fc.assert(
      fc.property(bracketed, (text) => {
        for (const { weight } of parseA1111Prompt(text)) expect(Number.isFinite(Math.fround(weight))).toBe(true)
      }),
    )
    expect(pairs(`${'('.repeat(2000)}a`)[0]?.[0]).toBe('a')
  })
})
