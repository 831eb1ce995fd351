/// <reference lib="esnext.float16" />
import type { Dtype } from '#core/formats/safetensors.ts'

type FloatDtype = 'F16' | 'BF16' | 'F32'

interface Decoder {
  /** Bytes of a number. */
  readonly size: number
  decode(buffer: ArrayBufferLike, at: number, length: number): Float32Array
}

const decoders: Record<FloatDtype, Decoder> = {
  F16: { size: 2, decode: (buffer, at, length) => new Float32Array(new Float16Array(buffer, at, length)) },
  // bfloat16 is the upper half of a float32
  BF16: {
    size: 2,
    decode: (buffer, at, length) =>
      new Float32Array(Uint32Array.from(new Uint16Array(buffer, at, length), (bits) => bits << 16).buffer),
  },
  F32: { size: 4, decode: (buffer, at, length) => new Float32Array(buffer, at, length) },
}

/**
 * Converts the little-endian numbers of a tensor to float32, exactly. For F32 the result may share memory with `bytes`.
 * @returns undefined for a dtype other than F16, BF16 and F32
 */
export function decodeFloats(dtype: FloatDtype, bytes: Uint8Array): Float32Array
export function decodeFloats(dtype: Dtype, bytes: Uint8Array): Float32Array | undefined
export function decodeFloats(dtype: Dtype, bytes: Uint8Array): Float32Array | undefined {
  if (!isFloat(dtype)) return undefined
  const { size, decode } = decoders[dtype]
  // a copy is aligned
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % size === 0 ? bytes : Uint8Array.from(bytes)
  return decode(buffer, byteOffset, byteLength / size)
}

function isFloat(dtype: Dtype): dtype is FloatDtype {
  return Object.hasOwn(decoders, dtype)
}
