/// <reference lib="esnext.float16" />

export interface WeightFormula {
  /** Distinguishes cases that use the same names (default 0). */
  readonly salt?: number
  /** Factor of all tensors of rank 2 or more, except embeddings (default 1). */
  readonly gain?: number
}

/**
 * The tensor of a name and shape by the goldens' weight formula: FNV-1a of the name seeds mulberry32, and its stream is
 * scaled by name and rank.
 *
 * @returns row-major values, rounded to float16 as the checkpoint stores them.
 */
export function goldenTensor(
  name: string,
  shape: readonly number[],
  { salt = 0, gain = 1 }: WeightFormula = {},
): Float32Array {
  const [bias, scale] = affineOf(name, shape, gain)
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1))
  let state = fnv1a(name) ^ salt
  for (let i = 0; i < values.length; i++) {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    const x = 2 * (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) - 1
    values[i] = bias + scale * x
  }
  return fromFloat16(toFloat16(values))
}

/** The bits of the nearest float16, ties to even. */
export function toFloat16(values: Float32Array): Uint16Array {
  return new Uint16Array(new Float16Array(values).buffer)
}

/** The exact float32 values of float16 bits. */
function fromFloat16(bits: Uint16Array): Float32Array {
  return new Float32Array(new Float16Array(bits.buffer, bits.byteOffset, bits.length))
}

function affineOf(name: string, shape: readonly number[], gain: number): [bias: number, scale: number] {
  if (name.includes('embedding') && shape.length === 2) return [0, 0.1]
  if (shape.length >= 2) return [0, gain * Math.sqrt(3 / shape.slice(1).reduce((product, size) => product * size, 1))]
  if (name.endsWith('weight')) return [1, 0.1]
  if (name.endsWith('logit_scale')) return [4.6, 0]
  return [0, 0.1]
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
