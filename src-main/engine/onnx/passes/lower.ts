import type { Graph } from '../graph.ts'
import type { CompositeOp, NodeOf, Value } from '../ir.ts'
import type { Pass, Rules } from './rewrite.ts'
import { winograd } from './winograd.ts'

/** A rule for every composite op. Other ops may have one. */
type Lowerings = Rules & { readonly [O in CompositeOp]: (graph: Graph, node: NodeOf<O>) => Value }

const portable: Lowerings = {
  // QuickGelu is x * sigmoid(alpha * x): one kernel, and half the memory traffic of Sigmoid and Mul
  Silu: (graph, { inputs }) => graph.add('QuickGelu', inputs, { alpha: 1 }),
  GroupNorm: groupNorm,
  Linear: linear,
  Attention: fusedAttention,
}

const lowerings = {
  cpu: { ...portable, GroupNorm: groupNormByRows, Conv: winograd },
  portable,
  // on SwiftShader the provider's fused attention has errors of 0.003 and more, and some GPUs lack float16
  webgpu: { ...portable, Attention: attentionByScores, Gather: gatherFloat32 },
} satisfies Record<string, Lowerings>

/** A set of lowering rules that is fast and accurate on one kind of device. */
export type Lowering = keyof typeof lowerings

/** Replaces composite ops by ops that ONNX Runtime has kernels for, and other ops by faster ones. */
export function lower(lowering: Lowering): Pass {
  return { name: 'lower', rules: lowerings[lowering] }
}

function fusedAttention(graph: Graph, { inputs, attributes: { heads, causal } }: NodeOf<'Attention'>): Value {
  return graph.add('MultiHeadAttention', inputs, { num_heads: heads, unidirectional: causal ? 1 : 0 })
}

/** softmax(q k^T / sqrt(size)) v, with the scores of all pairs of tokens in memory at once. */
function attentionByScores(graph: Graph, { inputs: [query, key, value], attributes }: NodeOf<'Attention'>): Value {
  const { heads, causal } = attributes
  const size = Number(query.shape[2]) / heads
  const split = (x: Value, perm: readonly number[]) => {
    const perHead = graph.add('Reshape', [x, graph.integers([0, 0, heads, -1])], {})
    return graph.add('Transpose', [perHead], { perm })
  }
  const scaled = graph.add('Mul', [split(query, [0, 2, 1, 3]), graph.scalar(1 / Math.sqrt(size))], {})
  const scores = graph.add('MatMul', [scaled, split(key, [0, 2, 3, 1])], {})
  const masked = causal ? graph.add('Add', [scores, causalMask(graph, Number(query.shape[1]))], {}) : scores
  const weights = graph.add('Softmax', [masked], { axis: -1 })
  const attended = graph.add('MatMul', [weights, split(value, [0, 2, 1, 3])], {})
  const perToken = graph.add('Transpose', [attended], { perm: [0, 2, 1, 3] })
  return graph.add('Reshape', [perToken, graph.integers([0, 0, heads * size])], {})
}

/** Casts a float16 table before Gather, for devices that cannot gather float16. */
function gatherFloat32(graph: Graph, { inputs: [table, indices] }: NodeOf<'Gather'>): Value | undefined {
  if (table.dtype !== 'float16' && table.dtype !== 'bfloat16') return undefined
  return graph.add('Gather', [graph.add('Cast', [table], { to: 'float32' }), indices], {})
}

/** A mask with a large negative number at each later token, so that tokens do not attend to it. */
function causalMask(graph: Graph, tokens: number): Value {
  const mask = new Float32Array(tokens * tokens)
  for (let row = 0; row < tokens; row++) mask.fill(-1e9, row * tokens + row + 1, (row + 1) * tokens)
  return graph.constant(mask, [tokens, tokens])
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
  const one = graph.constant(new Float32Array(groups).fill(1))
  const zero = graph.constant(new Float32Array(groups))
  const normalised = graph.add('InstanceNormalization', [grouped, one, zero], { epsilon })
  const restored = graph.reshape(normalised, [batch, channels, ...x.shape.slice(2)], x)
  const perChannel = [Number(channels), ...x.shape.slice(2).map(() => 1)]
  const scaled = graph.add('Mul', [restored, graph.reshape(scale, perChannel)], {})
  const shifted = graph.add('Add', [scaled, graph.reshape(bias, perChannel)], {})
  return silu ? graph.add('QuickGelu', [shifted], { alpha: 1 }) : shifted
}

/** Uses Gemm, which takes the weight transposed as stored, so that only Gemm's packing copies it. */
function linear(graph: Graph, { inputs: [x, w, b] }: NodeOf<'Linear'>): Value {
  const [out = 1, inner = 1] = w.shape
  const rows = x.shape.length === 2 ? x : graph.add('Reshape', [x, graph.integers([-1, Number(inner)])], {})
  const result = graph.add('Gemm', [rows, w, b], { alpha: 1, transB: 1 })
  return x.shape.length === 2 ? result : graph.reshape(result, [...x.shape.slice(0, -1), out], x)
}
