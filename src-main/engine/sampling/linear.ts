/** `a x + b y`, rounded to float32 once. */
export function combine(a: number, x: Float32Array, b: number, y: Float32Array): Float32Array {
  const sum = new Float32Array(x.length)
  for (let i = 0; i < sum.length; i++) sum[i] = a * (x[i] ?? 0) + b * (y[i] ?? 0)
  return sum
}

/** `a x + b y + c z`, rounded to float32 once. */
export function combine3(
  a: number,
  x: Float32Array,
  b: number,
  y: Float32Array,
  c: number,
  z: Float32Array,
): Float32Array {
  const sum = new Float32Array(x.length)
  for (let i = 0; i < sum.length; i++) sum[i] = a * (x[i] ?? 0) + b * (y[i] ?? 0) + c * (z[i] ?? 0)
  return sum
}

/** `a x`, rounded to float32. */
export function scale(a: number, x: Float32Array): Float32Array {
  const product = new Float32Array(x.length)
  for (let i = 0; i < product.length; i++) product[i] = a * (x[i] ?? 0)
  return product
}
