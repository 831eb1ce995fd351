import { evaluateDim, product } from './dim.ts'
import type { Graph } from './graph.ts'
import { dependsOnInputs, type ElementType, type Node, type Op, operands, type Value } from './ir.ts'

/** Sizes of a graph's axes by the names that its inputs give them. */
export type AxisSizes = Readonly<Record<string, number>>

const bytesOf: Readonly<Record<ElementType, number>> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float8e4m3fn: 1,
  float8e5m2: 1,
  float8e4m3fnuz: 1,
  float8e5m2fnuz: 1,
  uint64: 8,
  uint32: 4,
  uint16: 2,
  uint8: 1,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  bool: 1,
}

/** Ops whose result takes the place of an input that nothing reads any more. */
const inPlace: ReadonlySet<Op> = new Set<Op>(['Add', 'Sub', 'Mul', 'Div', 'Sqrt', 'Sigmoid', 'Tanh', 'Relu', 'Softmax'])

/**
 * An estimate of the most bytes that the values between a graph's inputs and outputs take at once, if its nodes run in their
 * order and each value is freed after its last reader. What a kernel takes for itself is not known here.
 * @param graph lowered for a device
 */
export function activationBytes(graph: Graph, sizes: AxisSizes): number {
  const readers = new Map<Value, number>()
  /** A reshaped value is the value itself. */
  const storage = (value: Value): Value => {
    const { origin } = value
    const source = origin.kind === 'node' && origin.node.op === 'Reshape' ? origin.node.inputs[0] : undefined
    return source ? storage(source) : value
  }
  const read = (node: Node) => new Set(operands(node).flatMap((value) => (value ? [storage(value)] : [])))
  for (const node of graph.nodes) for (const value of read(node)) readers.set(value, (readers.get(value) ?? 0) + 1)
  for (const { value } of graph.outputs) readers.set(storage(value), Number.POSITIVE_INFINITY)
  const size = (value: Value): number =>
    dependsOnInputs(value) ? bytesOf[value.dtype] * evaluateDim(product(value.shape), sizes) : 0
  let held = graph.inputs.reduce((sum, input) => sum + size(input), 0)
  let most = held
  for (const node of graph.nodes) {
    const made = node.outputs.reduce((sum, value) => sum + (storage(value) === value ? size(value) : 0), 0)
    let freed = 0
    for (const value of read(node)) {
      const left = (readers.get(value) ?? 0) - 1
      readers.set(value, left)
      if (left === 0) freed += size(value)
    }
    most = Math.max(most, held + made - (inPlace.has(node.op) ? freed : 0))
    held += made - freed
  }
  return most
}

/** The sizes of a graph's axes, from the shapes of what it is fed. Axes of inputs that are not fed are left out. */
export function axisSizes(
  graph: Graph,
  feeds: Readonly<Record<string, { readonly shape: readonly number[] }>>,
): AxisSizes {
  const sizes: Record<string, number> = {}
  for (const { name, shape } of graph.inputs) {
    for (const [axis, dim] of shape.entries()) {
      const given = feeds[name]?.shape[axis]
      if (typeof dim !== 'number' && given !== undefined) sizes[dim.text] = given
    }
  }
  return sizes
}
