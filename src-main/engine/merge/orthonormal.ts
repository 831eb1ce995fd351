/**
 * The columns of a matrix made orthonormal by Gram-Schmidt, twice, which is enough for float64; a column that depends on those before
 * it becomes zero.
 * @param matrix `(rows, columns)`, row-major
 */
export function orthonormal(matrix: Float32Array, columns: number): Float32Array {
  const rows = matrix.length / columns
  const basis = Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: rows }, (_, i) => matrix[i * columns + j] ?? 0),
  )
  for (const [j, column] of basis.entries()) {
    const before = norm(column)
    for (let pass = 0; pass < 2; pass++)
      for (const other of basis.slice(0, j)) subtract(column, dot(column, other), other)
    const after = norm(column)
    const scale = after > 1e-7 * before ? 1 / after : 0
    for (let i = 0; i < rows; i++) column[i] = scale * (column[i] ?? 0)
  }
  return Float32Array.from(matrix, (_, at) => basis[at % columns]?.[Math.floor(at / columns)] ?? 0)
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a))
}

function subtract(from: Float64Array, factor: number, what: Float64Array): void {
  for (let i = 0; i < from.length; i++) from[i] = (from[i] ?? 0) - factor * (what[i] ?? 0)
}
