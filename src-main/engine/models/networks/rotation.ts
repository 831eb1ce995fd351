import type { Graph } from '../../onnx/graph.ts'
import type { Value } from '../../onnx/ir.ts'
import type { Rotation, TensorRef } from '../weights.ts'
import { stored } from './stored.ts'

/** The number of blocks on the diagonal and their size, for each stage. A single block may serve everywhere. */
export interface RotationBlocks {
  readonly stages: number
  readonly blocks: number
  readonly size: number
}

/** The layout of a rotation's tensor. Undefined for a shape that no tool writes. */
export function rotationBlocks(shape: readonly number[]): RotationBlocks | undefined {
  const [first = 0, second = 0] = shape
  if (shape.length === 2) {
    const size = (1 + Math.sqrt(1 + 8 * second)) / 2
    return first > 0 && second > 0 && Number.isInteger(size) ? { stages: 1, blocks: first, size } : undefined
  }
  const [stages = 0, blocks = 0, size = 0, columns] = shape.length === 3 ? [1, first, second, shape[2]] : shape
  const whole = stages > 0 && blocks > 0 && size > 0 && columns === size && shape.length <= 4
  return whole && (stages === 1 || size % 2 === 0) ? { stages, blocks, size } : undefined
}

/** Multiplies the columns of `x`, `(n, columns)`, by the rotation. `name` is the prefix of weights. */
export function rotated(graph: Graph, name: string, x: Value, rotation: Rotation, layout: RotationBlocks): Value {
  const [rows = 1, columns = 1] = x.shape.map(Number)
  const { stages, blocks, size } = layout
  const matrices = cayley(graph, limited(graph, skewOf(graph, name, rotation, layout), rotation), rotation.terms)
  let result = x
  for (let stage = 0; stage < stages; stage++) {
    const order = rotation.butterfly && orders[rotation.butterfly](stage, rows, size)
    const matrix = stages === 1 ? matrices : sliceRows(graph, matrices, stage * blocks, (stage + 1) * blocks)
    const grouped = graph.reshape(ordered(graph, result, order), [rows / size, size, columns])
    const product = graph.reshape(graph.add('MatMul', [matrix, grouped], {}), [rows, columns])
    result = ordered(graph, product, order && inverse(order))
  }
  return result
}

/** `Q` of all stages' blocks: `(stages * blocks, size, size)`. */
function skewOf(graph: Graph, name: string, { blocks: ref, skew }: Rotation, layout: RotationBlocks): Value {
  const all = layout.stages * layout.blocks
  const value = ref.shape.length === 2 ? fromTriangles(graph, name, ref, layout) : difference(graph, name, ref, layout)
  const shaped = graph.reshape(value, [all, layout.size, layout.size])
  return skew === 1 ? shaped : graph.add('Mul', [shaped, graph.scalar(skew)], {})
}

/** `B - Bᵀ` */
function difference(graph: Graph, name: string, ref: TensorRef, { stages, blocks, size }: RotationBlocks): Value {
  const value = stored(graph, `${name}.blocks`, ref, [stages * blocks, size, size])
  return graph.add('Sub', [value, graph.add('Transpose', [value], { perm: [0, 2, 1] })], {})
}

/** Skew-symmetric matrices from their upper triangles, row by row. */
function fromTriangles(graph: Graph, name: string, ref: TensorRef, { blocks, size }: RotationBlocks): Value {
  const entries = (size * (size - 1)) / 2
  const upper = graph.add('Transpose', [stored(graph, `${name}.blocks`, ref)], { perm: [1, 0] })
  const lower = graph.add('Mul', [upper, graph.scalar(-1)], {})
  const zero = graph.constant(new Float32Array(blocks), [1, blocks])
  const table = graph.add('Concat', [upper, lower, zero], { axis: 0 })
  const place = (row: number, column: number): number => row * size - (row * (row + 1)) / 2 + column - row - 1
  const indices = Array.from({ length: size * size }, (_, index) => {
    const [row, column] = [Math.floor(index / size), index % size]
    if (row === column) return 2 * entries
    return row < column ? place(row, column) : entries + place(column, row)
  })
  return graph.add('Transpose', [graph.add('Gather', [table, graph.integers(indices)], {})], { perm: [1, 0] })
}

function limited(graph: Graph, q: Value, { limit }: Rotation): Value {
  if (!limit) return q
  const norm = graph.add('Sqrt', [squares(graph, q, limit.of)], {})
  const longer = graph.add('Add', [norm, graph.scalar(1e-8)], {})
  const ratio = graph.add('Div', [graph.scalar(limit.norm), longer], {})
  const factor = graph.add('Clip', [ratio, graph.scalar(0), graph.scalar(1)], {})
  return graph.add('Mul', [q, factor], {})
}

function squares(graph: Graph, q: Value, of: 'block' | 'all'): Value {
  return graph.add('ReduceSumSquare', [q, graph.integers(of === 'all' ? [0, 1, 2] : [1, 2])], {})
}

/** `(I + Q) (I - Q)⁻¹`, or its series as PEFT cuts it off: `I + 2 Q + 2 Q² + ... + Qⁿ`. */
function cayley(graph: Graph, q: Value, terms: number | undefined): Value {
  const identity = identityLike(graph, q)
  if (terms === undefined) {
    // 2 (I - Q)⁻¹ - I
    const twice = graph.add('Mul', [inverseOfOneMinus(graph, q, identity), graph.scalar(2)], {})
    return graph.add('Sub', [twice, identity], {})
  }
  // PEFT takes three terms for four
  const highest = terms < 3 ? terms : Math.max(terms, 4)
  let [sum, power] = [identity, q]
  for (let exponent = 1; exponent < highest; exponent++) {
    if (exponent > 1) power = graph.add('MatMul', [power, q], {})
    const last = exponent === highest - 1 && exponent > 1
    sum = graph.add('Add', [sum, last ? power : graph.add('Mul', [power, graph.scalar(2)], {})], {})
  }
  return sum
}

/** Enough for spectral norms of `Q` up to about 20, far beyond those that training gives. */
const newtonSteps = 14

/**
 * `(I - Q)⁻¹ = (I + Q) S⁻¹`, where `S = I - Q²` is symmetric with eigenvalues from 1, since `Q` is skew-symmetric. ONNX
 * cannot invert matrices, but Newton's iteration `X (2 I - S X)` only multiplies.
 */
function inverseOfOneMinus(graph: Graph, q: Value, identity: Value): Value {
  const square = graph.add('MatMul', [q, q], {})
  const s = graph.add('Sub', [identity, square], {})
  const twice = graph.add('Mul', [identity, graph.scalar(2)], {})
  // eigenvalues of Q² come in pairs, so the largest of S is at most 1 + |Q²| / √2
  const norm = graph.add('Sqrt', [squares(graph, square, 'block')], {})
  const largest = graph.add('Add', [graph.add('Mul', [norm, graph.scalar(Math.SQRT1_2)], {}), graph.scalar(1)], {})
  let x = graph.add('Div', [identity, largest], {})
  for (let step = 0; step < newtonSteps; step++) {
    const error = graph.add('Sub', [twice, graph.add('MatMul', [s, x], {})], {})
    x = graph.add('MatMul', [x, error], {})
  }
  return graph.add('Add', [x, graph.add('MatMul', [q, x], {})], {})
}

function identityLike(graph: Graph, q: Value): Value {
  const size = Number(q.shape[1])
  const values = Float32Array.from({ length: size * size }, (_, index) => (index % (size + 1) === 0 ? 1 : 0))
  return graph.constant(values, [1, size, size])
}

/** For each butterfly: which row comes where before the blocks of a stage are multiplied. */
const orders: Record<
  NonNullable<Rotation['butterfly']>,
  (stage: number, rows: number, size: number) => readonly number[]
> = {
  /** LyCORIS: the rows of both halves of a group by turns. */
  interleaved(stage, rows, size) {
    const half = 2 ** stage * (size / 2)
    return Array.from({ length: rows }, (_, index) => {
      const [group, within] = [Math.floor(index / (2 * half)), index % (2 * half)]
      return group * 2 * half + (within % 2) * half + Math.floor(within / 2)
    })
  },
  /** PEFT: pieces of half a block; all even ones of a group, then all odd ones; and that permutation inverted. */
  sorted(stage, rows, size) {
    const [piece, pieces] = [size / 2, 2 ** (stage + 1)]
    const order = Array.from({ length: rows }, (_, index) => {
      const [group, within] = [Math.floor(index / (pieces * piece)), index % (pieces * piece)]
      const position = Math.floor(within / piece)
      const taken = position < pieces / 2 ? 2 * position : 2 * (position - pieces / 2) + 1
      return group * pieces * piece + taken * piece + (within % piece)
    })
    return inverse(order)
  },
}

function inverse(order: readonly number[]): readonly number[] {
  const inverted = new Array<number>(order.length).fill(0)
  for (const [index, from] of order.entries()) inverted[from] = index
  return inverted
}

function ordered(graph: Graph, x: Value, order: readonly number[] | undefined): Value {
  return order ? graph.add('Gather', [x, graph.integers(order)], {}) : x
}

function sliceRows(graph: Graph, x: Value, start: number, end: number): Value {
  return graph.add('Slice', [x, graph.integers([start]), graph.integers([end]), graph.integers([0])], {})
}
