import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markPrompt } from './prompt-marks.ts'

const marks = (text: string): string[] => markPrompt(text).map(({ text, mark }) => `${mark}:${text}`)

describe('markPrompt', () => {
  it('tells weights and their syntax apart', () => {
    expect(marks('a (red:1.3) [fox] (dog:0.5)')).toEqual([
      'plain:a ',
      'syntax:(',
      'stronger:red',
      'syntax::1.3)',
      'plain: [fox] ',
      'syntax:(',
      'weaker:dog',
      'syntax::0.5)',
    ])
  })

  it('marks parentheses that nothing closes, and no escaped ones', () => {
    expect(marks('a (b')).toEqual(['plain:a ', 'stray:(', 'plain:b'])
    expect(marks(String.raw`a \(b\)`)).toEqual([String.raw`plain:a \(b\)`])
  })

  it('keeps every character', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('(', ')', ':1.2)', ' ', 'a', '\\', '\n')), (parts) => {
        const text = parts.join('')
        expect(
          markPrompt(text)
            .map((stretch) => stretch.text)
            .join(''),
        ).toBe(text)
      }),
    )
  })
})
