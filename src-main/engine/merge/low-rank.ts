import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix'
import { modelOf } from '../models/networks/model.ts'
import { symbol } from '../onnx/dim.ts'
import { Graph } from '../onnx/graph.ts'
import { chooseDevice } from '../runtime/devices.ts'
import { NetworkSession } from '../runtime/session.ts'
import { TorchGenerator } from '../sampling/noise.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'

/** Oversampling and number of power iterations; arXiv 0909.4061, section 4. */
const extra = 8
const passes = 2

export interface LowRank {
  /** `(rows, rank)` */
  readonly up: Float32Array
  /** `(rank, columns)` */
  readonly down: Float32Array
}

/**
 * Approximates a matrix by a product of low rank with a randomised singular value decomposition; arXiv 0909.4061,
 * algorithms 4.4 and 5.1. Deterministic. The singular values are split evenly between both factors.
 * @param matrix `(rows, columns)`
 * @param rank at most the number of rows and of columns
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
    // (columns, width): the transpose of the matrix projected to the basis
    const seen = await multiply.turned(matrix, basis)
    return truncated(matrixOf(basis), matrixOf(seen), rank)
  } finally {
    await multiply.release()
  }
}

function matrixOf({ data, shape: [rows = 1, columns = 1] }: FloatTensor): Matrix {
  return Matrix.from1DArray(rows, columns, data)
}

/** Orthonormal columns that span the columns of a matrix. */
function onBasis(matrix: FloatTensor): FloatTensor {
  const { orthogonalMatrix } = new QrDecomposition(matrixOf(matrix))
  return { data: floats(orthogonalMatrix), shape: matrix.shape }
}

/** `basis @ seen^T`, truncated to its largest singular values. */
function truncated(basis: Matrix, seen: Matrix, rank: number): LowRank {
  const gram = seen.transpose().mmul(seen)
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true })
  // the eigenvalues are the squares of the singular values, in ascending order
  const kept = Array.from({ length: rank }, (_, i) => gram.rows - 1 - i)
  const roots = kept.map((at) => Math.max(realEigenvalues[at] ?? 0, 0) ** 0.25)
  const inverses = roots.map((root) => (root > 0 ? 1 / root : 0))
  const vectors = eigenvectorMatrix.subMatrixColumn(kept)
  const up = basis.mmul(vectors).mulRowVector(roots)
  const down = seen.mmul(vectors).mulRowVector(inverses).transpose()
  return { up: floats(up), down: floats(down) }
}

function floats(matrix: Matrix): Float32Array {
  return Float32Array.from(matrix.to1DArray())
}

/** Multiplies large matrices in a session, because JavaScript takes fifty times as long. */
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
