/// <reference lib="esnext.float16" />
import type { Dtype } from '#core/formats/safetensors.ts'

const decoders: Partial<Record<Dtype, (bytes: Uint8Array<ArrayBuffer>) => Float32Array>> = {
  F16: ({ buffer }) => new Float32Array(new Float16Array(buffer)),
  // bfloat16 is the upper half of a float32.
  BF16: ({ buffer }) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer),
  F32: ({ buffer }) => new Float32Array(buffer),
}

/** The numbers of a tensor stored little-endian, in float32; undefined for a dtype that is none of F16, BF16 and F32. */
export function decodeFloats(dtype: Dtype, bytes: Uint8Array): Float32Array | undefined {
  // A copy begins at an aligned address.
  return decoders[dtype]?.(Uint8Array.from(bytes))
}
