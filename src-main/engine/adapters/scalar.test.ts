import { expect, it } from 'vitest'
import type { Dtype } from '#core/formats/safetensors.ts'
import { decodeScalar } from './scalar.ts'

it.each<readonly [Dtype, readonly number[], number | undefined]>([
  ['F16', [0x00, 0x3e], 1.5],
  ['BF16', [0xc0, 0x3f], 1.5],
  ['BF16', [0x80, 0xff], Number.NEGATIVE_INFINITY],
  ['F32', [0, 0, 0xc0, 0x3f], 1.5],
  ['F64', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], 1.5],
  ['I32', [0xff, 0xff, 0xff, 0xff], -1],
  ['I64', [16, 0, 0, 0, 0, 0, 0, 0], 16],
  ['BOOL', [1], undefined],
])('reads %s of %j as %d', (dtype, bytes, value) => {
  expect(decodeScalar(dtype, Uint8Array.from([9, ...bytes]).subarray(1))).toBe(value)
})
