import { Matrix, QrDecomposition } from 'ml-matrix'
import { describe, expect, test } from 'vitest'
import { TorchGenerator } from '../sampling/noise.ts'
import { lowRank } from './low-rank.ts'

const random = new TorchGenerator(7n)

/** `a (m, k) @ b (k, n)` */
function product(a: Float32Array, b: Float32Array, k: number): Float32Array {
  const [m, n] = [a.length / k, b.length / k]
  const result = new Float32Array(m * n)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let l = 0; l < k; l++) sum += (a[i * k + l] ?? 0) * (b[l * n + j] ?? 0)
      result[i * n + j] = sum
    }
  }
  return result
}

const size = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
const distance = (a: Float32Array, b: Float32Array) => size(a.map((value, i) => value - (b[i] ?? Number.NaN)))

function orthonormal(matrix: Float32Array, columns: number): Float32Array {
  const square = Matrix.from1DArray(matrix.length / columns, columns, matrix)
  return Float32Array.from(new QrDecomposition(square).orthogonalMatrix.to1DArray())
}

/** A matrix of these singular values. */
function matrixOf(values: readonly number[], rows: number, columns: number): Float32Array {
  const k = values.length
  const left = orthonormal(random.randn([rows, k]), k).map((value, i) => value * (values[i % k] ?? 0))
  const right = orthonormal(random.randn([columns, k]), k)
  return product(
    left,
    right.map((_, at) => right[(at % columns) * k + Math.floor(at / columns)] ?? 0),
    k,
  )
}

describe('the nearest product of a rank', () => {
  test.each([
    [40, 60],
    [60, 40],
    [5, 90],
  ])('is a matrix of %d x %d itself if it has that rank', async (rows, columns) => {
    const matrix = matrixOf([9, 4, 1, 0.1], rows, columns)
    const { up, down } = await lowRank({ data: matrix, shape: [rows, columns] }, 4)
    expect([up.length, down.length]).toEqual([rows * 4, 4 * columns])
    expect(distance(product(up, down, 4), matrix)).toBeLessThan(1e-5 * size(matrix))
  })

  test('leaves out the smallest singular values, and nothing more', async () => {
    const values = Array.from({ length: 30 }, (_, i) => 0.8 ** i)
    const matrix = matrixOf(values, 64, 50)
    const { up, down } = await lowRank({ data: matrix, shape: [64, 50] }, 6)
    const best = size(Float32Array.from(values.slice(6)))
    expect(distance(product(up, down, 6), matrix)).toBeLessThan(1.001 * best)
    expect(size(up) / size(down)).toBeCloseTo(1, 3)
  })

  test('begins with the largest singular value', async () => {
    const { up } = await lowRank({ data: matrixOf([1, 9, 4], 20, 30), shape: [20, 30] }, 3)
    const lengths = [0, 1, 2].map((r) => size(up.filter((_, at) => at % 3 === r)) ** 2)
    for (const [r, length] of lengths.entries()) expect(length).toBeCloseTo([9, 4, 1][r] ?? 0, 4)
  })

  test('of nothing is nothing', async () => {
    const { up, down } = await lowRank({ data: new Float32Array(12), shape: [3, 4] }, 2)
    expect(size(product(up, down, 2))).toBe(0)
  })
})
