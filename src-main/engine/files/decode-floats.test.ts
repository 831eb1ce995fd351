import { expect, it } from 'vitest'
import { decodeFloats } from './decode-floats.ts'

/** The bytes of 1.5 and -2. */
it.each([
  ['F32', [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0]],
  ['F16', [0, 0x3e, 0, 0xc0]],
  ['BF16', [0xc0, 0x3f, 0, 0xc0]],
] as const)('reads %s, wherever the bytes lie', (dtype, bytes) => {
  const memory = Uint8Array.of(9, ...bytes)
  expect(decodeFloats(dtype, memory.subarray(1))).toEqual(Float32Array.of(1.5, -2))
})

it('reads no integers', () => {
  expect(decodeFloats('I64', new Uint8Array(8))).toBeUndefined()
})
