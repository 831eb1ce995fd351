/// <reference lib="esnext.float16" />
import type { Dtype } from '#core/formats/safetensors.ts'

/** Readers of a little-endian number by dtype. */
const readers: Partial<Record<Dtype, (view: DataView) => number>> = {
  F16: (view) => view.getFloat16(0, true),
  // bfloat16 is the upper half of a float32
  BF16: (view) => new Float32Array(new Uint32Array([view.getUint16(0, true) << 16]).buffer)[0] ?? Number.NaN,
  F32: (view) => view.getFloat32(0, true),
  F64: (view) => view.getFloat64(0, true),
  I32: (view) => view.getInt32(0, true),
  I64: (view) => Number(view.getBigInt64(0, true)),
}

/** The number in `bytes`. Undefined for a dtype without a reader. */
export function decodeScalar(dtype: Dtype, bytes: Uint8Array): number | undefined {
  return readers[dtype]?.(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}
