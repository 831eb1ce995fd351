import { expect, it } from 'vitest'
import type { Dtype } from '#core/formats/safetensors.ts'
import { decodeFloats, decodeNumbers, isNumeric, type NumberDtype, whyUnreadable } from './decode-numbers.ts'

const [infinite, notANumber] = [Number.POSITIVE_INFINITY, Number.NaN]

/** Little-endian bytes of every dtype and their values, as torch 2.13 and ml_dtypes read them. */
const numbers: Record<NumberDtype, readonly (readonly [bytes: readonly number[], value: number])[]> = {
  F64: [
    [[0, 0, 0, 0, 0, 0, 0xf8, 0x3f], 1.5],
    [[0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f], 0.1],
  ],
  F32: [[[0, 0, 0, 0xc0], -2]],
  F16: [
    [[0, 0x3e], 1.5],
    [[0x01, 0], 2 ** -24],
  ],
  BF16: [
    [[0xc0, 0x3f], 1.5],
    [[0x80, 0xff], -infinite],
  ],
  F8_E4M3: [
    [[0x3c], 1.5],
    [[0x7e], 448],
    [[0x81], -(2 ** -9)],
    [[0xff], notANumber],
  ],
  F8_E5M2: [
    [[0x3e], 1.5],
    [[0x7b], 57344],
    [[0x01], 2 ** -16],
    [[0xfc], -infinite],
    [[0x7e], notANumber],
  ],
  F8_E4M3FNUZ: [
    [[0x44], 1.5],
    [[0x7f], 240],
    [[0x81], -(2 ** -10)],
    [[0x80], notANumber],
  ],
  F8_E5M2FNUZ: [
    [[0x42], 1.5],
    [[0xff], -57344],
    [[0x01], 2 ** -17],
    [[0x80], notANumber],
  ],
  I64: [
    [[16, 0, 0, 0, 0, 0, 0, 0], 16],
    [Array<number>(8).fill(0xff), -1],
  ],
  U64: [[Array<number>(8).fill(0xff), 2 ** 64]],
  I32: [[[0xff, 0xff, 0xff, 0xff], -1]],
  U32: [[[0xff, 0xff, 0xff, 0xff], 2 ** 32 - 1]],
  I16: [[[0xfe, 0xff], -2]],
  U16: [[[0xfe, 0xff], 65534]],
  I8: [[[0x80], -128]],
  U8: [[[0x80], 128]],
  BOOL: [
    [[1], 1],
    [[0], 0],
  ],
}

const rows = Object.entries(numbers).flatMap(([dtype, each]) =>
  each.map(([bytes, value]) => [dtype as NumberDtype, bytes, value] as const),
)

it.each(rows)('reads %s of %j as %d, wherever the bytes lie', (dtype, bytes, value) => {
  const memory = Uint8Array.of(9, ...bytes, ...bytes).subarray(1)
  expect(Array.from(decodeNumbers(dtype, memory))).toEqual([value, value])
  expect(decodeFloats(dtype, memory)).toEqual(Float32Array.of(value, value))
})

it.each([
  ['F4', /packed 4-bit numbers/],
  ['F6_E2M3', /packed 6-bit numbers/],
  ['F6_E3M2', /packed 6-bit numbers/],
  ['F8_E8M0', /scales of packed numbers/],
  ['C64', /complex numbers/],
] as const satisfies readonly (readonly [Dtype, RegExp])[])('knows that %s holds no numbers', (dtype, why) => {
  expect(isNumeric(dtype)).toBe(false)
  expect(whyUnreadable(dtype)).toMatch(why)
})
