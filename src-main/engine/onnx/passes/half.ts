import type { Graph } from '../graph.ts'
import { dependsOnInputs, type NodeOf, type Op, ops, type Value } from '../ir.ts'
import type { Pass, Rules } from './rewrite.ts'

/**
 * What computes in which precision. `half`: in float16. `single`: in float32, because half precision holds neither sums
 * of squares nor the sine of a timestep. `follows`: in float16 if an input is float16 already. `same`: no matter.
 */
type Stance = 'half' | 'single' | 'follows' | 'same'

const stances: Readonly<Record<Op, Stance>> = {
  Add: 'follows',
  Sub: 'follows',
  Mul: 'follows',
  Div: 'follows',
  Sqrt: 'single',
  Relu: 'follows',
  Tanh: 'follows',
  Sigmoid: 'follows',
  Sin: 'single',
  Cos: 'single',
  Clip: 'follows',
  Gelu: 'half',
  Softmax: 'half',
  Cast: 'same',
  MatMul: 'half',
  Gemm: 'half',
  Conv: 'half',
  LayerNormalization: 'half',
  InstanceNormalization: 'half',
  ReduceMean: 'single',
  ReduceSumSquare: 'single',
  Concat: 'follows',
  Range: 'same',
  Split: 'follows',
  Slice: 'follows',
  Pad: 'follows',
  Transpose: 'follows',
  Reshape: 'follows',
  Expand: 'follows',
  Shape: 'same',
  Einsum: 'half',
  DepthToSpace: 'follows',
  Gather: 'follows',
  GatherND: 'follows',
  ArgMax: 'same',
  Resize: 'follows',
  MicrosoftGelu: 'half',
  QuickGelu: 'half',
  MultiHeadAttention: 'half',
  NhwcConv: 'half',
  NhwcGroupNorm: 'half',
  SkipGroupNorm: 'half',
  SkipLayerNormalization: 'half',
  BiasSplitGelu: 'half',
  Silu: 'half',
  GroupNorm: 'half',
  Linear: 'half',
  Attention: 'half',
}

/** How many inputs an op's precision is about; the others keep theirs. Absent: all that are floats. */
const counted: { readonly [O in Op]?: number } = { Resize: 1, GroupNorm: 1, NhwcGroupNorm: 1 }

/**
 * Half precision: a float16 weight is used as it lies in its file, activations are float16, and the graph's own inputs
 * and outputs stay float32. What depends on weights alone is left in float32, because ONNX Runtime computes it on the
 * processor when it makes the session; its result is then rounded once.
 */
export const half: Pass = {
  name: 'half',
  rules: Object.fromEntries((Object.keys(ops) as Op[]).map((op) => [op, ruleOf(op)])) as Rules,
  output: (graph, value) => (value.dtype === 'float16' ? graph.add('Cast', [value], { to: 'float32' }) : value),
}

function ruleOf<O extends Op>(op: O) {
  const stance = stances[op]
  const last = counted[op] ?? Number.POSITIVE_INFINITY
  return (graph: Graph, { inputs, attributes }: NodeOf<O>): readonly Value[] | undefined => {
    const operands: readonly (Value | undefined)[] = inputs
    if (stance === 'same' || !operands.some((value) => value && dependsOnInputs(value))) return undefined
    const about = operands.slice(0, last)
    const to = stance === 'follows' ? common(about) : stance === 'half' ? 'float16' : 'float32'
    if (to === undefined) return undefined
    const converted = operands.map((value, index) => (value && index < last ? inDtype(graph, value, to) : value))
    return graph.addAll(op, converted as unknown as typeof inputs, attributes)
  }
}

/** float16 if a value that is computed in every run is; weights and constants follow. */
function common(values: readonly (Value | undefined)[]): 'float16' | undefined {
  return values.some((value) => value?.dtype === 'float16' && dependsOnInputs(value)) ? 'float16' : undefined
}

function inDtype(graph: Graph, value: Value, to: 'float16' | 'float32'): Value {
  return value.dtype === 'float32' || value.dtype === 'float16' ? graph.cast(value, to) : value
}
