import { sameShape } from '../dim.ts'
import type { Graph } from '../graph.ts'
import { dependsOnInputs, madeBy, type NodeOf, type Value } from '../ir.ts'
import type { Pass, Replace } from './rewrite.ts'

/** Sizes that CUDA's BiasSplitGelu has code for. It refuses others. */
const splitGeluWidths: ReadonlySet<unknown> = new Set([2560, 5120, 10240])

/**
 * Packs the projections of attention into one product each, and the halves of GEGLU, while they still are composite ops.
 * The packed weights are a copy in half precision that ONNX Runtime makes with the session.
 */
export const pack: Pass = { name: 'pack', rules: { Attention: packedAttention, Mul: splitGelu } }

/** Fuses sums with the norms of them. */
export const fuse: Pass = {
  name: 'fuse',
  rules: { NhwcGroupNorm: skipGroupNorm, LayerNormalization: skipLayerNorm },
}

function packedAttention(graph: Graph, node: NodeOf<'Attention'>): Value | undefined {
  const { inputs, attributes } = node
  const [query, key, value] = inputs.map(projection)
  if (!key || !value || key.x !== value.x || attributes.causal) return undefined
  const { heads } = attributes
  const whole = query?.x === key.x ? [query, key, value] : [key, value]
  const packed = packedProjection(graph, key.x, whole, heads)
  const given =
    whole.length === 3 ? ([packed, undefined, undefined] as const) : ([inputs[0], packed, undefined] as const)
  return graph.add('MultiHeadAttention', given, { num_heads: heads, unidirectional: 0 })
}

interface Projection {
  readonly x: Value
  readonly w: Value
}

/** A plain product with a weight. One with a bias or with a live adapter beside it stays as it is. */
function projection(value: Value): Projection | undefined {
  const made = madeBy(value, 'Linear')
  if (!made) return undefined
  const [x, w, b] = made.inputs
  return b || dependsOnInputs(w) ? undefined : { x, w }
}

/** `[batch, tokens, heads, parts, size]` */
function packedProjection(graph: Graph, x: Value, parts: readonly Projection[], heads: number): Value {
  const perHead = parts.map(({ w }) => {
    const [width = 0, inner = 0] = w.shape.map(Number)
    return graph.reshape(w, [heads, 1, width / heads, inner])
  })
  const joined = graph.add('Concat', perHead, { axis: 1 })
  const [, count = 1, size = 1, inner = 1] = joined.shape.map(Number)
  const packed = graph.reshape(joined, [heads * count * size, inner])
  const product = graph.add('Linear', [x, packed, undefined], {})
  return graph.add('Reshape', [product, graph.integers([0, 0, heads, count, size])], {})
}

/** `left * gelu(right)` of the halves of a linear layer. */
function splitGelu(graph: Graph, { inputs: [left, right] }: NodeOf<'Mul'>): Value | undefined {
  const gelu = madeBy(right, 'Gelu')
  const split = madeBy(left, 'Split')
  if (!gelu || !split || gelu.attributes.approximate !== 'none') return undefined
  const layer = madeBy(split.inputs[0], 'Linear')
  if (!layer || split.outputs[0] !== left || split.outputs[1] !== gelu.inputs[0]) return undefined
  const [x, w, b] = layer.inputs
  if (!b || !splitGeluWidths.has(w.shape[0])) return undefined
  return graph.add('BiasSplitGelu', [graph.add('Linear', [x, w, undefined], {}), b], {})
}

function skipGroupNorm(
  graph: Graph,
  { inputs: [x, scale, bias], attributes }: NodeOf<'NhwcGroupNorm'>,
  replace: Replace,
): Value | undefined {
  const [input, skip] = madeBy(x, 'Add')?.inputs ?? []
  const [batch = 1, , , channels = 1] = x.shape
  const shapes = [x.shape, [batch, 1, 1, channels]]
  if (!input || !skip || !sameShape(input.shape, x.shape)) return undefined
  if (!shapes.some((shape) => sameShape(shape, skip.shape))) return undefined
  return normOfSum(x, graph.addAll('SkipGroupNorm', [input, scale, bias, skip], attributes), replace)
}

function skipLayerNorm(
  graph: Graph,
  { inputs: [x, scale, bias], attributes }: NodeOf<'LayerNormalization'>,
  replace: Replace,
): Value | undefined {
  const [input, skip] = madeBy(x, 'Add')?.inputs ?? []
  if (!input || !skip || x.shape.length !== 3) return undefined
  if (![input, skip].every(({ shape }) => sameShape(shape, x.shape))) return undefined
  return normOfSum(x, graph.addAll('SkipLayerNormalization', [input, skip, scale, bias], attributes), replace)
}

/** The fused op gives the sum too, so nothing else has to add. */
function normOfSum(sum: Value, [norm, same]: readonly Value[], replace: Replace): Value | undefined {
  if (same) replace(sum, same)
  return norm
}
