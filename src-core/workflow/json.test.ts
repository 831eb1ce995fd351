import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { locate, parseJson } from './json.ts'

function errorOf(text: string): LoomError {
  try {
    parseJson(text)
  } catch (error) {
    if (error instanceof LoomError) return error
    throw error
  }
  throw new Error(`no error for ${text.slice(0, 80)}`)
}

describe('parseJson', () => {
  it('reads every document that JSON.parse reads, to the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, undefined, space)
        const rounded = /(?<![\d.eE"+-])-?\d{16,}(?![\d.eE])/.test(text)
        fc.pre(!rounded)
        expect(parseJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('takes exactly the texts that JSON.parse takes', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-0',
      '01',
      '1.',
      '.5',
      '1e3',
      'true',
      'nul',
      '"\\u00e9"',
      '"\\x"',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('')
        let native: unknown
        try {
          native = JSON.parse(text)
        } catch {
          expect(errorOf(text).message).toMatch(/line \d+, column \d+/)
          return
        }
        // equal keys and integers beyond 2^53 are refused on purpose
        if (/"(\w)":.*"\1":|e3\d/.test(text)) return
        expect(parseJson(text)).toEqual(native)
      }),
      { numRuns: 2000 },
    )
  })

  it('throws nothing but LoomError, with a place', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.json().map((text) => text.slice(1)),
        ),
        (text) => {
          try {
            parseJson(text)
          } catch (error) {
            expect(error).toBeInstanceOf(LoomError)
            expect(String(error)).toMatch(/line \d+, column \d+/)
          }
        },
      ),
    )
  })

  it('fault 2: nesting of a million levels is an error at load', () => {
    for (const open of ['[', '{"a":']) {
      expect(errorOf(open.repeat(10_000)).code).toBe('limit')
      expect(errorOf(open.repeat(1_000_000)).code).toBe('limit')
    }
    expect(() => parseJson('['.repeat(200) + ']'.repeat(200))).not.toThrow()
  })

  it('fault 4: a key that is there twice is refused where it is', () => {
    expect(errorOf('{ "a": 1,\n  "b": 2,\n  "a": 3 }')).toMatchObject({
      code: 'parse',
      message: 'The document is not valid JSON: the key "a" is there twice in one object (line 3, column 3).',
    })
    expect(errorOf('{"__proto__":1,"__proto__":2}').code).toBe('parse')
  })

  it('fault 5: __proto__, constructor and toString are names', () => {
    const text = '{"__proto__":{"polluted":1},"constructor":2,"toString":3}'
    const value = parseJson(text)
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor', 'toString'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect('polluted' in {}).toBe(false)
  })

  it('fault 6: a number that would be rounded is refused', () => {
    for (const text of ['9007199254740993', '18446744073709551615', '-9007199254740992', '1e400']) {
      expect(errorOf(text).code).toBe('range')
    }
    expect(parseJson('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
    expect(parseJson('1e300')).toBe(1e300)
  })

  it('finds the place of a path', () => {
    const text = '{\n  "nodes": {\n    "a": [1, {"b": true}]\n  }\n}'
    expect(locate(text, ['nodes', 'a', 1, 'b'])).toBe('line 3, column 20')
    expect(locate(text, ['nodes', 'a', 1, 'missing'])).toBe('line 3, column 14')
    expect(locate(text, ['elsewhere'])).toBe('line 1, column 1')
  })
})
