import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dragged, type NumberRange, type Pace, rangeOf, shareOf, stepped } from './number.ts'

const strength = rangeOf({ kind: 'float', min: 0.01, max: 1 }, 0.05)
const width = rangeOf({ kind: 'int', min: 60, max: 8195, multipleOf: 8 }, 8)

describe('number fields', () => {
  it('step without the dust of binary fractions', () => {
    expect(stepped(0.1, 1, 'normal', { ...strength, step: 0.2 })).toBe(0.3)
    expect(stepped(1, -3, 'normal', strength)).toBe(0.85)
    expect(stepped(0.5, 1, 'fine', strength)).toBe(0.505)
    expect(stepped(0.123, 1, 'normal', strength)).toBe(0.173)
  })

  it('stop at the limits', () => {
    expect(stepped(0.04, -1, 'normal', strength)).toBe(0.01)
    expect(stepped(0.5, 1, 'coarse', strength)).toBe(1)
    expect(stepped(1e6, -1, 'normal', width)).toBe(8192)
  })

  it('go through multiples alone, and come to one from between', () => {
    expect(width).toEqual({ min: 64, max: 8192, step: 8, multipleOf: 8 })
    expect(stepped(512, 1, 'coarse', width)).toBe(592)
    expect(stepped(512, 1, 'fine', width)).toBe(520)
    expect(stepped(513, 1, 'normal', width)).toBe(520)
    expect(stepped(513, -1, 'normal', width)).toBe(512)
    expect(stepped(513, 0, 'normal', width)).toBe(513)
  })

  it('are dragged four pixels a step', () => {
    expect(dragged(512, 3, 'normal', width)).toBe(512)
    expect(dragged(512, -9, 'normal', width)).toBe(496)
    expect(dragged(512, 39, 'fine', width)).toBe(520)
    expect(dragged(0.5, 8, 'fine', strength)).toBe(0.51)
  })

  it('show how far along they are only between near limits', () => {
    expect(shareOf(0.505, strength)).toBe(0.5)
    expect(shareOf(7, strength)).toBe(1)
    expect(shareOf(512, width)).toBeUndefined()
  })

  it('never give what their type refuses', () => {
    const paces: readonly Pace[] = ['fine', 'normal', 'coarse']
    fc.assert(
      fc.property(
        fc.integer({ min: -500, max: 500 }),
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: -100, max: 100 }).filter((steps) => steps !== 0),
        fc.constantFrom(...paces),
        (min, span, multipleOf, value, steps, pace) => {
          const range: NumberRange = rangeOf({ kind: 'int', min, max: min + span + multipleOf, multipleOf }, multipleOf)
          const next = stepped(value, steps, pace, range)
          expect(Math.abs(next % multipleOf)).toBe(0)
          expect(next).toBeGreaterThanOrEqual(min)
          expect(next).toBeLessThanOrEqual(min + span + multipleOf)
        },
      ),
    )
  })
})
