import type { Graph } from '../graph.ts'
import { type Inputs, madeBy, type NodeOf, type Value } from '../ir.ts'
import type { Rules } from './rewrite.ts'

const toLast = [0, 2, 3, 1]
const toFirst = [0, 3, 1, 2]

/**
 * Channels last, as NVIDIA's kernels want them, from end to end: each op on pictures becomes one on pictures with their
 * channels last and a transposition behind it, which the next op takes off again. What remains are transpositions of the
 * graph's own inputs and outputs.
 */
export const channelsLast = {
  Conv: convolution,
  GroupNorm: groupNorm,
  Resize(graph, { inputs: [x, roi, scales, sizes], attributes }) {
    const inputs = [last(graph, x), roi, scales && reordered(graph, scales), sizes && lastSizes(graph, sizes)] as const
    return first(graph, graph.add('Resize', inputs, attributes))
  },
  Concat(graph, { inputs, attributes: { axis } }) {
    if (!inputs.some(isPicture)) return undefined
    const joined = graph.add(
      'Concat',
      inputs.map((x) => last(graph, x)),
      { axis: toLast.indexOf(axis) },
    )
    return first(graph, joined)
  },
  Add: elementwise('Add'),
  Sub: elementwise('Sub'),
  Mul: elementwise('Mul'),
  Div: elementwise('Div'),
  Clip: elementwise('Clip'),
  Relu: elementwise('Relu'),
  Tanh: elementwise('Tanh'),
  Silu: (graph: Graph, { inputs: [x] }: NodeOf<'Silu'>) =>
    isPicture(x)
      ? first(graph, graph.add('QuickGelu', [last(graph, x)], { alpha: 1 }))
      : graph.add('QuickGelu', [x], { alpha: 1 }),
  Cast: elementwise('Cast'),
  Shape: sizes,
  Reshape: reshape,
} satisfies Rules

/** Whether its channels are last already, behind a transposition. */
function isPicture(value: Value): boolean {
  return madeBy(value, 'Transpose')?.attributes.perm.join() === toFirst.join()
}

function last(graph: Graph, x: Value): Value {
  const transposed = madeBy(x, 'Transpose')
  if (transposed && isPicture(x)) return transposed.inputs[0]
  const [, channels = 1, ...space] = x.shape
  // a number for each channel lies in memory as it should
  if (space.join() === '1,1') return graph.add('Reshape', [x, graph.integers([0, 1, 1, Number(channels)])], {})
  return graph.add('Transpose', [x], { perm: toLast })
}

function first(graph: Graph, x: Value): Value {
  return graph.add('Transpose', [x], { perm: toFirst })
}

function convolution(graph: Graph, { inputs: [x, w, b], attributes }: NodeOf<'Conv'>): Value | undefined {
  const { group, kernel_shape, strides } = attributes
  if (group === 1) return first(graph, graph.add('NhwcConv', [last(graph, x), w, b], attributes))
  // a scale and a shift of each channel: norms whose statistics are given
  if (kernel_shape.join() !== '1,1' || strides.join() !== '1,1' || w.shape[1] !== 1) return undefined
  const perChannel = [1, 1, 1, group]
  const scaled = graph.add('Mul', [last(graph, x), graph.reshape(w, perChannel)], {})
  return first(graph, b ? graph.add('Add', [scaled, graph.reshape(b, perChannel)], {}) : scaled)
}

function groupNorm(graph: Graph, { inputs: [x, scale, bias], attributes }: NodeOf<'GroupNorm'>): Value {
  const { groups, epsilon, silu } = attributes
  const inputs = [last(graph, x), graph.cast(scale, 'float32'), graph.cast(bias, 'float32')] as const
  const activation = silu ? 1 : 0
  return first(graph, graph.add('NhwcGroupNorm', inputs, { groups, epsilon, activation, channels_last: 1 }))
}

/** Elementwise on pictures, and on numbers and on numbers for each channel beside them. */
function elementwise<O extends 'Add' | 'Sub' | 'Mul' | 'Div' | 'Clip' | 'Relu' | 'Tanh' | 'Cast'>(op: O) {
  return (graph: Graph, { inputs, attributes }: NodeOf<O>): Value | undefined => {
    const operands: readonly Value[] = inputs
    if (!operands.some(isPicture) || operands.some(({ shape }) => shape.length !== 4 && shape.length !== 0)) {
      return undefined
    }
    const ordered = operands.map((value) => (value.shape.length === 4 ? last(graph, value) : value))
    return first(graph, graph.add(op, ordered as unknown as Inputs<O>, attributes))
  }
}

/** Sizes are read before the transposition, so that it need not be made for them. */
function sizes(graph: Graph, { inputs: [x], attributes: { start, end } }: NodeOf<'Shape'>): Value | undefined {
  if (!isPicture(x)) return undefined
  const all = graph.sizesOf(last(graph, x), 0, 4)
  return graph.add('Gather', [all, graph.integers(toFirst.slice(start, end))], {})
}

/** Constant factors of the axes, in the order of the axes. */
function reordered(graph: Graph, { origin }: Value): Value | undefined {
  if (origin.kind !== 'constant') return undefined
  return graph.constant(Float32Array.from(toLast, (axis) => Number(origin.data[axis])))
}

/** Sizes in the order of the axes. */
function lastSizes(graph: Graph, vector: Value): Value {
  return asRead(vector) ?? graph.add('Gather', [vector, graph.integers(toLast)], {})
}

/** The sizes of a picture before they were put in the order of channels first. */
function asRead(vector: Value): Value | undefined {
  const gathered = madeBy(vector, 'Gather')
  const indices = gathered?.inputs[1].origin
  return indices?.kind === 'constant' && indices.data.join() === toFirst.join() ? gathered?.inputs[0] : undefined
}

/** Pixels to tokens and back, without moving anything in memory. */
function reshape(graph: Graph, { inputs: [x, shape], outputs: [result] }: NodeOf<'Reshape'>): Value | undefined {
  const rank = result?.shape.length
  if (isPicture(x) && rank === 3) {
    const tokens = graph.add('Reshape', [last(graph, x), graph.integers([0, -1, Number(x.shape[1])])], {})
    return graph.add('Transpose', [tokens], { perm: [0, 2, 1] })
  }
  const turned = madeBy(x, 'Transpose')
  const sizes = asRead(shape)
  if (!sizes || turned?.attributes.perm.join() !== '0,2,1' || rank !== 4) return undefined
  return first(graph, graph.add('Reshape', [turned.inputs[0], sizes], {}))
}
