import { writeFileSync } from 'node:fs'
import { byAlignment, encodeHeader } from '#core/formats/safetensors.ts'
import { toFloat16 } from './weights.ts'

export interface TensorValues {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

export type StoredAs = 'F16' | 'BF16' | 'F32'

/** Writes a safetensors file of these tensors, rounded to one dtype; gives its path. */
export function writeTensors(path: string, tensors: Iterable<TensorValues>, dtype: StoredAs = 'F16'): string {
  const ordered = Array.from(tensors, (tensor) => ({ ...tensor, dtype })).sort(byAlignment)
  const data = ordered.map(({ values }) => encoders[dtype](values))
  writeFileSync(path, Buffer.concat([encodeHeader(ordered, new Map()), ...data]))
  return path
}

const encoders: Record<StoredAs, (values: Float32Array) => Uint8Array> = {
  F16: (values) => bytesOf(toFloat16(values)),
  BF16: (values) => bytesOf(toBfloat16(values)),
  F32: bytesOf,
}

/** Rounds to the nearest bfloat16, ties to even, and gives its bits. */
export function toBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(new Float32Array(values).buffer)
  return Uint16Array.from(bits, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16)
}

/** The float32 values of bfloat16 bits; exact. */
export function fromBfloat16(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer)
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
