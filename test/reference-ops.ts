import type { Model } from '#engine/models/networks/model.ts'
import { encode } from '#engine/onnx/encode.ts'
import type { Graph } from '#engine/onnx/graph.ts'
import { dependsOnInputs, type NodeOf, type Op, ops, type Value } from '#engine/onnx/ir.ts'
import { type Provider, passesFor } from '#engine/onnx/passes/recipes.ts'
import { type Pass, type Rules, runPasses } from '#engine/onnx/passes/rewrite.ts'
import { openBytes, type TestSession } from './onnx.ts'

type Body<O extends Op> = (graph: Graph, node: Pick<NodeOf<O>, 'inputs' | 'attributes'>) => readonly Value[]

/** What fused ops are, in standard ops that the processor has kernels for. */
const bodies: { readonly [O in Op]?: Body<O> } = {
  NhwcConv: (graph, { inputs: [x, w, b], attributes }) => [
    toLast(graph, graph.add('Conv', [toFirst(graph, x), w, b], attributes)),
  ],
  NhwcGroupNorm: (graph, { inputs: [x, scale, bias], attributes }) => [groupNorm(graph, x, scale, bias, attributes)],
  SkipGroupNorm(graph, { inputs: [x, scale, bias, skip], attributes }) {
    const sum = graph.add('Add', [x, skip], {})
    return [groupNorm(graph, sum, scale, bias, attributes), sum]
  },
  SkipLayerNormalization(graph, { inputs: [x, skip, scale, bias], attributes }) {
    const sum = graph.add('Add', [x, skip], {})
    return [graph.add('LayerNormalization', [sum, scale, bias], attributes), sum]
  },
  BiasSplitGelu(graph, { inputs: [x, bias] }) {
    const halves = graph.addAll('Split', [graph.add('Add', [x, bias], {})], { axis: 2, num_outputs: 2 })
    const [left = x, right = x] = halves
    return [graph.add('Mul', [left, graph.add('Gelu', [right], { approximate: 'none' })], {})]
  },
  MultiHeadAttention(graph, { inputs: [query, key, value], attributes }) {
    const packed = value ? [] : unpacked(graph, key ?? query)
    const [q = query, k = query, v = query] = value ? [query, key, value] : key ? [query, ...packed] : packed
    return [graph.add('MultiHeadAttention', [q, k, v], attributes)]
  },
}

const toFirst = (graph: Graph, x: Value) => graph.add('Transpose', [x], { perm: [0, 3, 1, 2] })
const toLast = (graph: Graph, x: Value) => graph.add('Transpose', [x], { perm: [0, 2, 3, 1] })

function groupNorm(
  graph: Graph,
  x: Value,
  scale: Value,
  bias: Value,
  { groups, epsilon, activation }: NodeOf<'NhwcGroupNorm'>['attributes'],
): Value {
  const grouped = graph.add('Reshape', [toFirst(graph, x), graph.integers([0, groups, -1])], {})
  const ones = graph.constant(new Float32Array(groups).fill(1))
  const zeros = graph.constant(new Float32Array(groups))
  const normalised = graph.add('InstanceNormalization', [grouped, ones, zeros], { epsilon })
  const flat = toFirst(graph, x)
  const pixels = toLast(graph, graph.reshape(normalised, flat.shape, flat))
  const result = graph.add('Add', [graph.add('Mul', [pixels, scale], {}), bias], {})
  return activation === 1 ? graph.add('QuickGelu', [result], { alpha: 1 }) : result
}

/** `[batch, tokens, heads, parts, size]` to as many `[batch, tokens, heads * size]`. */
function unpacked(graph: Graph, x: Value): readonly Value[] {
  const [, , heads = 1, parts = 1, size = 1] = x.shape.map((axis) => (typeof axis === 'number' ? axis : 0))
  return Array.from({ length: parts }, (_, part) => {
    const one = graph.add(
      'Slice',
      [x, ...[[part], [part + 1], [3]].map((bounds) => graph.integers(bounds))] as never,
      {},
    )
    return graph.add('Reshape', [one, graph.integers([0, 0, heads * size])], {})
  })
}

/**
 * Lets a provider's graph run on the processor: fused ops become their bodies, and what is float16 is computed in
 * float32 and rounded to float16 after each op, as the kernels of graphics cards do.
 */
const onProcessor: Pass = {
  name: 'reference',
  rules: Object.fromEntries((Object.keys(ops) as Op[]).map((op) => [op, ruleOf(op)])) as Rules,
}

function ruleOf<O extends Op>(op: O) {
  const body = bodies[op] as Body<O> | undefined
  return (graph: Graph, { inputs, attributes, outputs }: NodeOf<O>): readonly Value[] | undefined => {
    const operands: readonly (Value | undefined)[] = inputs
    const computed = operands.some((value) => value && dependsOnInputs(value))
    const halves = computed && op !== 'Cast' && op !== 'Shape' && operands.some((value) => value?.dtype === 'float16')
    if (!halves) return body?.(graph, { inputs, attributes })
    const widened = operands.map((value) =>
      value?.dtype === 'float16' ? graph.add('Cast', [value], { to: 'float32' }) : value,
    ) as unknown as typeof inputs
    const results = body?.(graph, { inputs: widened, attributes }) ?? graph.addAll(op, widened, attributes)
    return results.map((value, index) =>
      outputs[index]?.dtype === 'float16' ? graph.add('Cast', [value], { to: 'float16' }) : value,
    )
  }
}

/** A session on the processor of the graph that a model has for a provider. */
export function openReference(
  model: Model,
  provider: Provider,
  precision: 'float32' | 'float16' = 'float32',
): Promise<TestSession> {
  const passes = [...passesFor(provider, model.precision(precision)), onProcessor]
  // a higher level takes roundings for casts that cancel each other
  return openBytes(encode(runPasses(model.graph, passes, { verify: true })), 'cpu', 'disabled')
}
