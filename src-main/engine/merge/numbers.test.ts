import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toBfloat16 } from '#test/tensor-file.ts'
import { toFloat16 } from '#test/weights.ts'
import { decodeFloats } from '../files/decode-numbers.ts'
import { rounded } from './numbers.ts'

const numbers = fc.array(fc.float({ noNaN: true, min: -60000, max: 60000 })).map((values) => Float32Array.from(values))
const bits = (bytes: Uint8Array) => new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)

test('numbers are rounded as a float16 and a bfloat16 file has them', () => {
  fc.assert(
    fc.property(numbers, (values) => {
      expect(bits(rounded(values, 'F16', ''))).toEqual(toFloat16(values))
      expect(bits(rounded(values, 'BF16', ''))).toEqual(toBfloat16(values))
    }),
  )
})

test.each(['F16', 'BF16', 'F32'] as const)('what %s can hold comes back as it was', (dtype) => {
  fc.assert(
    fc.property(numbers, (values) => {
      const once = decodeFloats(dtype, rounded(values, dtype, ''))
      expect(decodeFloats(dtype, rounded(once, dtype, ''))).toEqual(once)
      if (dtype === 'F32') expect(once).toEqual(values)
    }),
  )
})

test('a number beyond float16 is refused, naming its tensor', () => {
  expect(() => rounded(Float32Array.of(1, 70000), 'F16', 'vae.bias')).toThrow(/vae\.bias has the value 70000/)
})
