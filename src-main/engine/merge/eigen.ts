interface Eigen {
  readonly value: number
  readonly vector: Float64Array
}

/** Sweeps over all pairs; each squares what is left, so that ten reach float64's end. */
const maxSweeps = 30

/**
 * Eigenvalues and eigenvectors of a small symmetric matrix by Jacobi's rotations, the largest value first.
 * @param matrix `(size, size)`
 */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen[] {
  const a = Float64Array.from(matrix)
  const v = Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0))
  for (let sweep = 0; sweep < maxSweeps && !isDiagonal(a, size); sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, v, size, p, q)
  }
  const pairs = Array.from(
    { length: size },
    (_, j): Eigen => ({
      value: a[j * (size + 1)] ?? 0,
      vector: Float64Array.from({ length: size }, (_, i) => v[i * size + j] ?? 0),
    }),
  )
  return pairs.sort((one, two) => two.value - one.value)
}

function isDiagonal(a: Float64Array, size: number): boolean {
  let [on, off] = [0, 0]
  for (const [at, value] of a.entries()) {
    if (at % (size + 1) === 0) on += value * value
    else off += value * value
  }
  return off <= 1e-28 * on
}

/** Golub and Van Loan, Matrix Computations, section 8.5: the rotation that makes `a[p, q]` zero. */
function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const off = a[p * size + q] ?? 0
  if (off === 0) return
  const tau = ((a[q * size + q] ?? 0) - (a[p * size + p] ?? 0)) / (2 * off)
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau))
  const c = 1 / Math.sqrt(1 + t * t)
  const s = t * c
  const mix = (of: Float64Array, one: number, two: number) => {
    const [x, y] = [of[one] ?? 0, of[two] ?? 0]
    of[one] = c * x - s * y
    of[two] = s * x + c * y
  }
  for (let k = 0; k < size; k++) mix(a, k * size + p, k * size + q)
  for (let k = 0; k < size; k++) mix(a, p * size + k, q * size + k)
  for (let k = 0; k < size; k++) mix(v, k * size + p, k * size + q)
}
