import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { parseArguments } from './arguments.ts'

const flags = {
  set: { kind: 'list', value: 'NAME=VALUE', help: '' },
  out: { kind: 'text', short: 'o', value: 'DIR', help: '' },
  json: { kind: 'switch', help: '' },
} as const

const parse = (args: readonly string[]) => parseArguments(args, flags, ['FILE'])

describe('the arguments of a command', () => {
  it('are flags and operands in any order', () => {
    expect(parse(['--set', 'a=1', 'fox.json', '--json', '--set=b=-2', '-o', 'out'])).toEqual({
      values: { set: ['a=1', 'b=-2'], out: 'out', json: true },
      operands: ['fox.json'],
    })
  })

  it('take whatever follows -- as a name', () => {
    expect(parse(['--', '--json']).operands).toEqual(['--json'])
  })

  it('are read or refused as wrong usage, whatever they are', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '--set',
        '--out',
        '-o',
        '--json',
        '--json=x',
        '--',
        '-',
        '--no-json',
        '--__proto__',
        '-oo',
        '--set=',
        'a=b',
      ),
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (args) => {
        try {
          const { values, operands } = parse(args)
          expect(operands).toHaveLength(1)
          expect(values.set.every((value) => value !== '')).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(LoomError)
          expect(error).toMatchObject({ code: 'usage', hint: expect.any(String) })
        }
      }),
      { numRuns: 2000 },
    )
  })
})
