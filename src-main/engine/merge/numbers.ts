/// <reference lib="esnext.float16" />
import { LoomError } from '#core/errors.ts'
import type { SavedDtype } from '#core/plan/attributes.ts'

/**
 * Encodes numbers for a file: little-endian, rounded to nearest, ties to even.
 * @param name name of the tensor for the error
 * @throws LoomError `range` for numbers that float16 cannot represent
 */
export function rounded(values: Float32Array, dtype: SavedDtype, name: string): Uint8Array {
  return encoders[dtype](values, name)
}

const largestHalf = 65504

const encoders: Record<SavedDtype, (values: Float32Array, name: string) => Uint8Array> = {
  F32: (values) => bytesOf(values),
  F16(values, name) {
    const halves = new Float16Array(values)
    const over = halves.findIndex((half) => !Number.isFinite(half))
    if (over < 0) return bytesOf(halves)
    throw new LoomError('range', `${name} has the value ${values[over]}; F16 ends at ${largestHalf}.`, {
      hint: 'Save it as BF16 or F32.',
    })
  },
  BF16(values) {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
    const halves = new Uint16Array(values.length)
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? 0
      halves[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
    }
    return bytesOf(halves)
  },
}

export function isSavedDtype(dtype: string): dtype is SavedDtype {
  return Object.hasOwn(encoders, dtype)
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Float16Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
