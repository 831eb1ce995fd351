import { modelOf } from '../models/networks/model.ts'
import { symbol } from '../onnx/dim.ts'
import { Graph } from '../onnx/graph.ts'
import { chooseDevice } from '../runtime/devices.ts'
import { NetworkSession } from '../runtime/session.ts'
import { TorchGenerator } from '../sampling/noise.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import { symmetricEigen } from './eigen.ts'
import { orthonormal } from './orthonormal.ts'

/** Columns more than the rank, and passes over the matrix: arXiv 0909.4061, section 4. */
const extra = 8
const passes = 2

export interface LowRank {
  /** `(rows, rank)` */
  readonly up: Float32Array
  /** `(rank, columns)` */
  readonly down: Float32Array
}

/**
 * The nearest product of a rank to a matrix, near enough, by a randomised singular value decomposition; arXiv 0909.4061, algorithms
 * 4.4 and 5.1. Equal matrices give equal products; singular values are shared out between both halves.
 * @param matrix `(rows, columns)`
 * @param rank at most as many as rows and as columns
 */
export async function lowRank(matrix: FloatTensor, rank: number): Promise<LowRank> {
  const [rows = 1, columns = 1] = matrix.shape
  const width = Math.min(rank + extra, rows, columns)
  const multiply = await multiplier()
  try {
    const start = { data: new TorchGenerator(0n).randn([columns, width]), shape: [columns, width] }
    let basis = onBasis(await multiply.plain(matrix, start))
    for (let pass = 0; pass < passes; pass++) {
      const across = onBasis(await multiply.turned(matrix, basis))
      basis = onBasis(await multiply.plain(matrix, across))
    }
    // (columns, width): the transpose of what the matrix is on the basis
    const seen = await multiply.turned(matrix, basis)
    return truncated(basis.data, seen.data, width, rank)
  } finally {
    await multiply.release()
  }
}

function onBasis({ data, shape }: FloatTensor): FloatTensor {
  return { data: orthonormal(data, shape[1] ?? 1), shape }
}

/** `basis @ seen^T`, cut to its largest singular values. */
function truncated(basis: Float32Array, seen: Float32Array, width: number, rank: number): LowRank {
  const [rows, columns] = [basis.length / width, seen.length / width]
  const kept = symmetricEigen(gram(seen, width), width).slice(0, rank)
  const up = new Float32Array(rows * rank)
  const down = new Float32Array(rank * columns)
  for (const [r, { value, vector }] of kept.entries()) {
    const root = Math.sqrt(Math.sqrt(Math.max(value, 0)))
    for (let i = 0; i < rows; i++) up[i * rank + r] = root * along(basis, i * width, vector)
    for (let i = 0; i < columns; i++) down[r * columns + i] = root > 0 ? along(seen, i * width, vector) / root : 0
  }
  return { up, down }
}

function along(matrix: Float32Array, start: number, vector: Float64Array): number {
  let sum = 0
  for (let k = 0; k < vector.length; k++) sum += (matrix[start + k] ?? 0) * (vector[k] ?? 0)
  return sum
}

/** `m^T m` of a matrix of `width` columns. */
function gram(m: Float32Array, width: number): Float64Array {
  const product = new Float64Array(width * width)
  for (let row = 0; row < m.length; row += width) {
    for (let i = 0; i < width; i++) {
      const value = m[row + i] ?? 0
      for (let j = 0; j < width; j++) product[i * width + j] = (product[i * width + j] ?? 0) + value * (m[row + j] ?? 0)
    }
  }
  return product
}

/** Products of large matrices run in a session, for those of JavaScript take fifty times as long. */
async function multiplier() {
  const [plain, turned] = [await productSession([0, 1]), await productSession([1, 0])]
  const run = async (session: NetworkSession, a: FloatTensor, b: FloatTensor): Promise<FloatTensor> => {
    const { product } = await session.run({ a, b })
    return product ?? { data: new Float32Array(), shape: [0, 0] }
  }
  return {
    plain: (a: FloatTensor, b: FloatTensor) => run(plain, a, b),
    turned: (a: FloatTensor, b: FloatTensor) => run(turned, a, b),
    async release() {
      await plain.release()
      await turned.release()
    },
  }
}

function productSession(order: readonly [number, number]): Promise<NetworkSession> {
  const graph = new Graph()
  const [m, n, k] = [symbol('m'), symbol('n'), symbol('k')]
  const a = graph.input('a', 'float32', order[0] === 0 ? [m, n] : [n, m])
  const b = graph.input('b', 'float32', [n, k])
  const left = order[0] === 0 ? a : graph.add('Transpose', [a], { perm: [...order] })
  graph.output('product', graph.add('MatMul', [left, b], {}))
  return NetworkSession.create('matrix product', modelOf(graph), chooseDevice('cpu'), { verify: false })
}
