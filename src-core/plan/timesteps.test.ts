import { expect, test } from 'vitest'
import { parseTimesteps } from './timesteps.ts'

test('timesteps are read as people write them', () => {
  for (const text of ['999, 749, 499, 249', '999 749 499 249', ' 999,749;499\n249, ']) {
    expect(parseTimesteps(text)).toEqual([999, 749, 499, 249])
  }
  expect(parseTimesteps('0')).toEqual([0])
})

test.each(['', 'ten', '1000', '-1', '499, 499', '249, 499', '1.5', '1e2', '0x10'])('%j is refused', (text) => {
  expect(() => parseTimesteps(text)).toThrow(expect.objectContaining({ code: 'range', input: 'timesteps' }))
})
