import { describe, expect, it } from 'vitest'
import { randomSeed, steppedSeed } from './seed.ts'

describe('seeds', () => {
  it('count beyond what a number holds', () => {
    expect(steppedSeed('9007199254740993', 1)).toBe('9007199254740994')
    expect(steppedSeed('18446744073709551614', 1)).toBe('18446744073709551615')
  })

  it('go around at both ends', () => {
    expect(steppedSeed('18446744073709551615', 1)).toBe('0')
    expect(steppedSeed('0', -1)).toBe('18446744073709551615')
  })

  it('start at 0 from what is none', () => {
    expect(steppedSeed('fox', 1)).toBe('1')
    expect(steppedSeed('', -2)).toBe('18446744073709551614')
  })

  it('are drawn from 32 bits', () => {
    expect(randomSeed(() => 0)).toBe('0')
    expect(randomSeed(() => 1 - 2 ** -53)).toBe('4294967295')
  })
})
