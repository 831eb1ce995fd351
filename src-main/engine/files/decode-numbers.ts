/// <reference lib="esnext.float16" />
import type { Dtype } from '#core/formats/safetensors.ts'

/** Dtypes whose elements do not stand for single numbers, and what they hold instead. */
const numberless = {
  F4: 'packed 4-bit numbers, which mean nothing without their scales',
  F6_E2M3: 'packed 6-bit numbers, which mean nothing without their scales',
  F6_E3M2: 'packed 6-bit numbers, which mean nothing without their scales',
  F8_E8M0: 'the scales of packed numbers',
  C64: 'complex numbers',
} as const satisfies Partial<Record<Dtype, string>>

/** A dtype whose elements are real numbers. */
export type NumberDtype = Exclude<Dtype, keyof typeof numberless>

/** Numbers as typed arrays hold them. */
type Numbers = ArrayLike<number>

interface Decoder {
  /** Bytes of a number. */
  readonly size: number
  /** Rounds only integers beyond 2^53. */
  decode(buffer: ArrayBufferLike, at: number, length: number): Numbers
}

const decoders: Record<NumberDtype, Decoder> = {
  F64: { size: 8, decode: (buffer, at, length) => new Float64Array(buffer, at, length) },
  F32: { size: 4, decode: (buffer, at, length) => new Float32Array(buffer, at, length) },
  F16: { size: 2, decode: (buffer, at, length) => new Float16Array(buffer, at, length) },
  // bfloat16 is the upper half of a float32
  BF16: {
    size: 2,
    decode: (buffer, at, length) =>
      new Float32Array(Uint32Array.from(new Uint16Array(buffer, at, length), (bits) => bits << 16).buffer),
  },
  F8_E4M3: float8({ mantissaBits: 3, bias: 7, special: 'nan' }),
  F8_E5M2: float8({ mantissaBits: 2, bias: 15, special: 'ieee' }),
  F8_E4M3FNUZ: float8({ mantissaBits: 3, bias: 8, special: 'no negative zero' }),
  F8_E5M2FNUZ: float8({ mantissaBits: 2, bias: 16, special: 'no negative zero' }),
  I64: { size: 8, decode: (buffer, at, length) => Float64Array.from(new BigInt64Array(buffer, at, length), Number) },
  U64: { size: 8, decode: (buffer, at, length) => Float64Array.from(new BigUint64Array(buffer, at, length), Number) },
  I32: { size: 4, decode: (buffer, at, length) => new Int32Array(buffer, at, length) },
  U32: { size: 4, decode: (buffer, at, length) => new Uint32Array(buffer, at, length) },
  I16: { size: 2, decode: (buffer, at, length) => new Int16Array(buffer, at, length) },
  U16: { size: 2, decode: (buffer, at, length) => new Uint16Array(buffer, at, length) },
  I8: { size: 1, decode: (buffer, at, length) => new Int8Array(buffer, at, length) },
  U8: { size: 1, decode: (buffer, at, length) => new Uint8Array(buffer, at, length) },
  BOOL: { size: 1, decode: (buffer, at, length) => new Uint8Array(buffer, at, length).map((bit) => Number(bit !== 0)) },
}

interface Float8 {
  readonly mantissaBits: number
  readonly bias: number
  /**
   * Bits that stand for no finite number: all exponent bits set, as in IEEE 754; only all bits set; or only those of a
   * negative zero.
   */
  readonly special: 'ieee' | 'nan' | 'no negative zero'
}

/** The formats of arXiv 2209.05433 and, with `no negative zero`, arXiv 2206.02915. */
function float8({ mantissaBits, bias, special }: Float8): Decoder {
  const steps = 2 ** mantissaBits
  const highest = 0x7f >> mantissaBits
  const size = (magnitude: number): number => {
    const [exponent, fraction] = [magnitude >> mantissaBits, magnitude % steps]
    if (special === 'ieee' && exponent === highest) return fraction === 0 ? Number.POSITIVE_INFINITY : Number.NaN
    if (special === 'nan' && magnitude === 0x7f) return Number.NaN
    return exponent === 0 ? (fraction / steps) * 2 ** (1 - bias) : (1 + fraction / steps) * 2 ** (exponent - bias)
  }
  const values = Float32Array.from({ length: 256 }, (_, bits) => {
    if (special === 'no negative zero' && bits === 0x80) return Number.NaN
    return (bits < 0x80 ? 1 : -1) * size(bits & 0x7f)
  })
  return {
    size: 1,
    decode: (buffer, at, length) =>
      Float32Array.from(new Uint8Array(buffer, at, length), (bits) => values[bits] ?? Number.NaN),
  }
}

/** Whether the elements of a dtype are real numbers, so that a network, an adapter or an embedding can use it. */
export function isNumeric(dtype: Dtype): dtype is NumberDtype {
  return !Object.hasOwn(numberless, dtype)
}

/** Why a dtype cannot be read, if so: `F4 holds packed 4-bit numbers, ...`. */
export function whyUnreadable(dtype: Dtype): string | undefined {
  return isNumeric(dtype) ? undefined : `${dtype} holds ${numberless[dtype]}`
}

/** The little-endian numbers of a tensor. They may share memory with `bytes`. */
export function decodeNumbers(dtype: NumberDtype, bytes: Uint8Array): Numbers {
  const { size, decode } = decoders[dtype]
  // a copy is aligned
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % size === 0 ? bytes : Uint8Array.from(bytes)
  return decode(buffer, byteOffset, byteLength / size)
}

/** The same as float32: exact for floats of up to 32 bits, otherwise rounded to nearest. */
export function decodeFloats(dtype: NumberDtype, bytes: Uint8Array): Float32Array {
  const numbers = decodeNumbers(dtype, bytes)
  return numbers instanceof Float32Array ? numbers : new Float32Array(numbers)
}
