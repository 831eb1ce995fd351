import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { readConstant } from '#core/workflow/constant.ts'
import { rangeOf } from './number.ts'
import { readNumber, readSeed, resolved, typedNumber } from './typed-number.ts'

describe('a typed number', () => {
  test.each([
    // plain
    ['2', 2],
    [' 2 ', 2],
    ['+3', 3],
    ['-3', -3],
    ['−3', -3],
    ['- 3', -3],
    ['007', 7],
    // decimals
    ['1.5', 1.5],
    ['1,5', 1.5],
    ['.5', 0.5],
    [',5', 0.5],
    ['-,5', -0.5],
    ['5.', 5],
    ['5,', 5],
    ['1,000', 1],
    ['0.123', 0.123],
    // groups
    ['1 000', 1000],
    ['1\u00a0000', 1000],
    ['1\u202f000,5', 1000.5],
    ["1'000.5", 1000.5],
    ['1’000', 1000],
    ['1_000', 1000],
    ['1.000,5', 1000.5],
    ['1,000.5', 1000.5],
    ['1.000.000', 1_000_000],
    ['1,000,000', 1_000_000],
    ['12,34,567', 1_234_567],
    ['12,34,567.5', 1_234_567.5],
    // exponents
    ['1e3', 1000],
    ['1E3', 1000],
    ['1,5e-1', 0.15],
    ['1e+2', 100],
    ['1e400', Number.POSITIVE_INFINITY],
    ['-1e400', Number.NEGATIVE_INFINITY],
    ['1e-400', 0],
    ['99999999999999999999', 1e20],
    // other scripts
    ['١', 1],
    ['١٫٥', 1.5],
    ['١٬٠٠٠٫٥', 1000.5],
    ['۵', 5],
    ['१२', 12],
    ['１．５', 1.5],
    ['－３', -3],
    ['𝟘𝟙𝟡', 19],
  ])('is read from %j', (text, value) => {
    expect(typedNumber(text, false)).toBe(value)
  })

  test.each([
    ['', undefined],
    [' ', undefined],
    ['abc', undefined],
    ['٫', undefined],
    ['.', undefined],
    ['-', undefined],
    ['+-3', undefined],
    ['--3', undefined],
    ['1.2.3', undefined],
    ['1,2,3', undefined],
    ['1.000,5,5', undefined],
    ['1,000.000,5', undefined],
    ['1 2', undefined],
    ['1 00', undefined],
    ['1,00.5', undefined],
    ['0x10', undefined],
    ['1e', undefined],
    ['e3', undefined],
    ['1e1.5', undefined],
    ['5px', undefined],
    ['½', undefined],
    ['10⁵', undefined],
    ['Infinity', undefined],
    ['∞', undefined],
    ['NaN', undefined],
    ['null', undefined],
    ['1/2', undefined],
  ])('is not read from %j', (text, value) => {
    expect(typedNumber(text, false)).toBe(value)
  })

  test.each([
    ['1,024', 1024],
    ['1.024', 1024],
    ['1 024', 1024],
    ['1,5', 1.5],
    ['0.512', 0.512],
    ['1.000,5', 1000.5],
  ])('without decimals is read from %j', (text, value) => {
    expect(typedNumber(text, true)).toBe(value)
  })

  it('has no negative zero', () => {
    for (const text of ['-0', '-0,0', '-1e-400', '−٠']) expect(Object.is(typedNumber(text, false), 0)).toBe(true)
  })

  it('is read back as it is shown', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(typedNumber(String(value), false)).toBe(value + 0)
        expect(typedNumber(String(value).replace('.', ','), false)).toBe(value + 0)
      }),
    )
  })
})

const strength = { kind: 'float', min: -2, max: 2 } as const
const width = { kind: 'int', min: 60, max: 8195, multipleOf: 8 } as const
const steps = { kind: 'int', min: 1, max: 50, multipleOf: 1 } as const

describe('a resolved number', () => {
  test.each([
    [strength, 0.123, 0.123],
    [strength, 7, 2],
    [strength, -7, -2],
    [strength, Number.POSITIVE_INFINITY, 2],
    [strength, Number.NEGATIVE_INFINITY, -2],
    [steps, 1.5, 2],
    [steps, 4.4, 4],
    [steps, 0, 1],
    [steps, 1e20, 50],
    [width, 513, 512],
    [width, 516, 520],
    [width, 1, 64],
    [width, 9000, 8192],
    [width, Number.POSITIVE_INFINITY, 8192],
  ])('is the nearest of %j to %d', (type, value, nearest) => {
    expect(resolved(value, rangeOf(type, 1))).toBe(nearest)
  })

  it('is always one that its type takes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -500, max: 500 }),
        fc.integer({ min: 64, max: 500 }),
        fc.integer({ min: 1, max: 64 }),
        fc.double({ noNaN: true }),
        (min, span, multipleOf, value) => {
          for (const type of [
            { kind: 'int', min, max: min + span, multipleOf },
            { kind: 'float', min, max: min + span },
          ] as const) {
            const near = resolved(value, rangeOf(type, 1))
            expect(readConstant(type, near, '')).toBe(near)
          }
        },
      ),
    )
  })
})

describe('a reading', () => {
  test.each([
    ['1,5', { value: 1.5, exact: true }],
    ['2.5', { value: 2, exact: false }],
    ['-0', { value: 0, exact: true }],
    ['1e999', { value: 2, exact: false }],
    ['1,5 x', undefined],
  ])('of a number, %j', (text, reading) => {
    expect(readNumber(text, rangeOf(strength, 0.1))).toEqual(reading)
  })

  test.each([
    ['42', { value: '42', exact: true }],
    [' 007 ', { value: '7', exact: true }],
    ['+7', { value: '7', exact: true }],
    ['٤٢', { value: '42', exact: true }],
    ['1 234 567', { value: '1234567', exact: true }],
    ['1,234,567', { value: '1234567', exact: true }],
    ['18446744073709551615', { value: '18446744073709551615', exact: true }],
    ['18446744073709551616', { value: '18446744073709551615', exact: false }],
    ['-5', { value: '0', exact: false }],
    ['-0', { value: '0', exact: true }],
    ['', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['0x1f', undefined],
    ['fox', undefined],
  ])('of a seed, %j', (text, reading) => {
    expect(readSeed(text)).toEqual(reading)
  })
})
