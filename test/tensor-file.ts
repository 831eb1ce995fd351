import { writeFileSync } from 'node:fs'
import { byAlignment, encodeHeader } from '#core/formats/safetensors.ts'
import { toFloat16 } from './weights.ts'

export interface TensorValues {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

export type Float8 = 'F8_E4M3' | 'F8_E5M2'
export type StoredAs = 'F16' | 'BF16' | 'F32' | Float8

/** Writes a safetensors file of these tensors, rounded to a dtype. Returns its path. */
export function writeTensors(
  path: string,
  tensors: Iterable<TensorValues>,
  dtype: StoredAs = 'F16',
  metadata: Readonly<Record<string, string>> = {},
): string {
  const ordered = Array.from(tensors, (tensor) => ({ ...tensor, dtype })).sort(byAlignment)
  const data = ordered.map(({ values }) => encoders[dtype](values))
  writeFileSync(path, Buffer.concat([encodeHeader(ordered, new Map(Object.entries(metadata))), ...data]))
  return path
}

const encoders: Record<StoredAs, (values: Float32Array) => Uint8Array> = {
  F16: (values) => bytesOf(toFloat16(values)),
  BF16: (values) => bytesOf(toBfloat16(values)),
  F32: bytesOf,
  F8_E4M3: (values) => toFloat8(values, 'F8_E4M3'),
  F8_E5M2: (values) => toFloat8(values, 'F8_E5M2'),
}

/** The bits of the nearest bfloat16, ties to even. */
export function toBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(new Float32Array(values).buffer)
  return Uint16Array.from(bits, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16)
}

/** The exact float32 values of bfloat16 bits. */
export function fromBfloat16(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer)
}

/** The non-negative finite numbers of each float8, in the order of their bits. */
const float8: Record<Float8, readonly number[]> = {
  F8_E4M3: Array.from({ length: 0x7f }, (_, bits) => float8Value(bits, 3, 7)),
  F8_E5M2: Array.from({ length: 0x7c }, (_, bits) => float8Value(bits, 2, 15)),
}

function float8Value(bits: number, mantissaBits: number, bias: number): number {
  const [exponent, fraction] = [bits >> mantissaBits, (bits % 2 ** mantissaBits) / 2 ** mantissaBits]
  return exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias)
}

/** The bits of the nearest float8. */
function toFloat8(values: Float32Array, dtype: Float8): Uint8Array {
  const known = Float32Array.from(float8[dtype])
  const bits = new Uint8Array(values.length)
  for (const [index, value] of values.entries()) {
    const size = Math.abs(value)
    let [below, above] = [0, known.length - 1]
    while (above - below > 1) {
      const middle = (below + above) >> 1
      if ((known[middle] ?? 0) > size) above = middle
      else below = middle
    }
    const nearest = size - (known[below] ?? 0) < (known[above] ?? 0) - size ? below : above
    bits[index] = nearest | (value < 0 ? 0x80 : 0)
  }
  return bits
}

/** Rounds to the nearest float8. */
export function throughFloat8(values: Float32Array, dtype: Float8): Float32Array {
  const known = float8[dtype]
  const rounded = new Float32Array(values.length)
  for (const [index, bits] of toFloat8(values, dtype).entries()) {
    rounded[index] = (known[bits & 0x7f] ?? 0) * (bits & 0x80 ? -1 : 1)
  }
  return rounded
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
