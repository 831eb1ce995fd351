/** A weighted sum of vectors of equal length, rounded to float32 once. */
export function mix(...terms: readonly (readonly [weight: number, vector: Float32Array])[]): Float32Array {
  const [first, ...others] = terms
  if (!first) return new Float32Array()
  // accumulates in float64, so that the order of the terms does not matter
  const sum = Float64Array.from(first[1], (value) => first[0] * value)
  for (const [weight, vector] of others) {
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + weight * (vector[i] ?? 0)
  }
  return Float32Array.from(sum)
}

/** Concatenates vectors. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** `a` where the mask is 1, `b` where it is 0, interpolated between. */
export function blend(mask: Float32Array, a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => (mask[i] ?? 0) * value + (1 - (mask[i] ?? 0)) * (b[i] ?? 0))
}
