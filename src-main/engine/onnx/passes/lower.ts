import type { Graph } from '../graph.ts'
import type { CompositeOp, ElementType, NodeOf, Value } from '../ir.ts'
import type { Rules } from './rewrite.ts'
import { winograd } from './winograd.ts'

/** A rule for every composite op. Other ops may have one. */
export type Lowerings = Rules & {
  readonly [O in CompositeOp]: (graph: Graph, node: NodeOf<O>) => Value | readonly Value[]
}

const portable: Lowerings = {
  // QuickGelu is x * sigmoid(alpha * x): one kernel, and half the memory traffic of Sigmoid and Mul
  Silu: (graph, { inputs }) => graph.add('QuickGelu', inputs, { alpha: 1 }),
  GroupNorm: groupNorm,
  Linear: linear,
  Attention: fusedAttention,
}

/** The processor's. */
export const cpuLowerings: Lowerings = { ...portable, GroupNorm: groupNormByRows, Conv: winograd('memory') }
/** Where the processor's sessions map weights, larger ones cost no memory. */
export const mappedCpuLowerings: Lowerings = { ...cpuLowerings, Conv: winograd('file') }

/** Of graphics cards, none of which finds the largest of 64-bit integers. */
export const gpuLowerings: Lowerings = { ...portable, ArgMax: argMaxOfFloats }

/** Token ids are small enough for float32 to hold them. */
function argMaxOfFloats(graph: Graph, { inputs: [x], attributes }: NodeOf<'ArgMax'>): Value | undefined {
  return x.dtype === 'int64' ? graph.add('ArgMax', [graph.cast(x, 'float32')], attributes) : undefined
}

/**
 * One row for each of a batch as a product with a row of zeros and a one, for providers that cannot gather it. The one is
 * where the distance to the index is 0.
 */
export function rowByProduct(graph: Graph, { inputs: [x, index] }: NodeOf<'GatherND'>): Value {
  const [batch = 1, rows = 1, ...rest] = x.shape
  const places = graph.constant(Float32Array.from({ length: Number(rows) }, (_, place) => place))
  const distance = graph.add('Sub', [places, graph.cast(index, 'float32')], {})
  const [one, zero] = [graph.scalar(1), graph.scalar(0)]
  const nearness = graph.add('Sub', [one, graph.add('Mul', [distance, distance], {})], {})
  const mask = graph.add('Clip', [nearness, zero, one], {})
  const row = graph.cast(graph.add('Reshape', [mask, graph.integers([0, 1, Number(rows)])], {}), x.dtype)
  return graph.reshape(graph.add('MatMul', [row, x], {}), [batch, ...rest])
}

function fusedAttention(graph: Graph, { inputs, attributes: { heads, causal } }: NodeOf<'Attention'>): Value {
  return graph.add('MultiHeadAttention', inputs, { num_heads: heads, unidirectional: causal ? 1 : 0 })
}

/** Fused, but for causal attention: on WebGPU's it was waited in vain, and DirectML's is not known to heed the mask. */
export function causalByScores(graph: Graph, node: NodeOf<'Attention'>): Value {
  return node.attributes.causal ? attentionByScores(graph, node) : fusedAttention(graph, node)
}

/** softmax(q k^T / sqrt(size)) v, with the scores of all pairs of tokens in memory at once. */
export function attentionByScores(
  graph: Graph,
  { inputs: [query, key, value], attributes }: NodeOf<'Attention'>,
): Value {
  const { heads, causal } = attributes
  const size = Number(query.shape[2]) / heads
  const split = (x: Value, perm: readonly number[]) => {
    const perHead = graph.add('Reshape', [x, graph.integers([0, 0, heads, -1])], {})
    return graph.add('Transpose', [perHead], { perm })
  }
  const scaled = graph.add(
    'Mul',
    [split(query, [0, 2, 1, 3]), graph.cast(graph.scalar(1 / Math.sqrt(size)), query.dtype)],
    {},
  )
  const scores = graph.add('MatMul', [scaled, split(key, [0, 2, 3, 1])], {})
  const masked = causal
    ? graph.add('Add', [scores, causalMask(graph, Number(query.shape[1]), query.dtype)], {})
    : scores
  const weights = graph.add('Softmax', [masked], { axis: -1 })
  const attended = graph.add('MatMul', [weights, split(value, [0, 2, 1, 3])], {})
  const perToken = graph.add('Transpose', [attended], { perm: [0, 2, 1, 3] })
  return graph.add('Reshape', [perToken, graph.integers([0, 0, heads * size])], {})
}

/** Casts a float16 table before Gather, for devices that cannot gather float16. */
export function gatherFloat32(graph: Graph, { inputs: [table, indices] }: NodeOf<'Gather'>): Value | undefined {
  if (table.dtype !== 'float16' && table.dtype !== 'bfloat16') return undefined
  return graph.add('Gather', [graph.add('Cast', [table], { to: 'float32' }), indices], {})
}

/** A mask with a large negative number at each later token, so that tokens do not attend to it. */
function causalMask(graph: Graph, tokens: number, dtype: ElementType): Value {
  const mask = new Float32Array(tokens * tokens)
  const never = dtype === 'float16' ? -60000 : -1e9
  for (let row = 0; row < tokens; row++) mask.fill(never, row * tokens + row + 1, (row + 1) * tokens)
  return graph.cast(graph.constant(mask, [tokens, tokens]), dtype)
}

/**
 * Group normalisation as a layer normalisation with a row per group, because ONNX Runtime's instance normalisation runs
 * on one thread. Scale and bias are a depthwise convolution, which passes once through memory. 1.2 to 1.5 times as
 * fast.
 */
function groupNormByRows(graph: Graph, { inputs: [x, scale, bias], attributes }: NodeOf<'GroupNorm'>): Value {
  const { groups, epsilon, silu } = attributes
  const channels = Number(x.shape[1])
  const grouped = graph.add('Reshape', [x, graph.integers([0, groups, -1])], {})
  const ones = graph.add('Expand', [graph.scalar(1), graph.sizesOf(grouped, 2, 3)], {})
  const normalised = graph.add('LayerNormalization', [grouped, ones, undefined], { epsilon })
  const restored = graph.add('Reshape', [normalised, graph.sizesOf(x, 0, x.shape.length)], {})
  const shifted = graph.add('Conv', [restored, graph.reshape(scale, [channels, 1, 1, 1]), bias], {
    kernel_shape: [1, 1],
    strides: [1, 1],
    pads: [0, 0, 0, 0],
    group: channels,
  })
  return silu ? graph.add('QuickGelu', [shifted], { alpha: 1 }) : shifted
}

/** Group normalisation as an instance normalisation with a channel per group, scale 1 and bias 0. */
function groupNorm(graph: Graph, { inputs: [x, scale, bias], attributes }: NodeOf<'GroupNorm'>): Value {
  const { groups, epsilon, silu } = attributes
  const [batch = 1, channels = 1] = x.shape
  const grouped = graph.add('Reshape', [x, graph.integers([0, groups, -1])], {})
  const one = graph.cast(graph.constant(new Float32Array(groups).fill(1)), x.dtype)
  const zero = graph.cast(graph.constant(new Float32Array(groups)), x.dtype)
  const normalised = graph.add('InstanceNormalization', [grouped, one, zero], { epsilon })
  const restored = graph.reshape(normalised, [batch, channels, ...x.shape.slice(2)], x)
  const perChannel = [Number(channels), ...x.shape.slice(2).map(() => 1)]
  const scaled = graph.add('Mul', [restored, graph.reshape(graph.cast(scale, x.dtype), perChannel)], {})
  const shifted = graph.add('Add', [scaled, graph.reshape(graph.cast(bias, x.dtype), perChannel)], {})
  return silu ? graph.add('QuickGelu', [shifted], { alpha: 1 }) : shifted
}

/** Uses Gemm, which takes the weight transposed as stored, so that only Gemm's packing copies it. */
function linear(graph: Graph, { inputs: [x, w, b] }: NodeOf<'Linear'>): Value {
  const [out = 1, inner = 1] = w.shape
  const rows = x.shape.length === 2 ? x : graph.add('Reshape', [x, graph.integers([-1, Number(inner)])], {})
  const result = graph.add('Gemm', [rows, w, b], { alpha: 1, transB: 1 })
  return x.shape.length === 2 ? result : graph.reshape(result, [...x.shape.slice(0, -1), out], x)
}
