import type { Dim } from './dim.ts'

/** ONNX element types that occur in the networks and in their weight files. */
export type ElementType =
  | 'float64'
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'float8e4m3fn'
  | 'float8e5m2'
  | 'float8e4m3fnuz'
  | 'float8e5m2fnuz'
  | 'uint64'
  | 'uint32'
  | 'uint16'
  | 'uint8'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'bool'

type AttributeKind = 'int' | 'float' | 'ints' | 'string' | 'dtype' | 'boolean'

interface OpSchema {
  /** `''` is ONNX itself. `loom` is for composite ops, which the `lower` pass of a device replaces before encoding. */
  readonly domain: '' | 'com.microsoft' | 'loom'
  /** Name of the op in its domain, if another domain has an op of that name too. */
  readonly type?: string
  /** Places of the outputs among those of the op; those between are left out. Absent: all, in order. */
  readonly outputs?: readonly number[]
  /** Names in order. `?` marks an optional input, `...` any number of inputs. */
  readonly inputs: readonly string[]
  readonly attributes: Readonly<Record<string, AttributeKind>>
}

/** Every op of the IR, with the names, inputs and attributes of ONNX opset 20 and com.microsoft 1. */
export const ops = {
  Add: { domain: '', inputs: ['a', 'b'], attributes: {} },
  Sub: { domain: '', inputs: ['a', 'b'], attributes: {} },
  Mul: { domain: '', inputs: ['a', 'b'], attributes: {} },
  Div: { domain: '', inputs: ['a', 'b'], attributes: {} },
  Sqrt: { domain: '', inputs: ['x'], attributes: {} },
  Relu: { domain: '', inputs: ['x'], attributes: {} },
  Tanh: { domain: '', inputs: ['x'], attributes: {} },
  Sigmoid: { domain: '', inputs: ['x'], attributes: {} },
  Sin: { domain: '', inputs: ['x'], attributes: {} },
  Cos: { domain: '', inputs: ['x'], attributes: {} },
  Clip: { domain: '', inputs: ['x', 'min', 'max'], attributes: {} },
  Gelu: { domain: '', inputs: ['x'], attributes: { approximate: 'string' } },
  Softmax: { domain: '', inputs: ['x'], attributes: { axis: 'int' } },
  Cast: { domain: '', inputs: ['x'], attributes: { to: 'dtype' } },
  MatMul: { domain: '', inputs: ['a', 'b'], attributes: {} },
  Gemm: { domain: '', inputs: ['a', 'b', 'c?'], attributes: { alpha: 'float', transB: 'int' } },
  Conv: {
    domain: '',
    inputs: ['x', 'w', 'b?'],
    attributes: { kernel_shape: 'ints', strides: 'ints', pads: 'ints', group: 'int' },
  },
  LayerNormalization: { domain: '', inputs: ['x', 'scale', 'bias?'], attributes: { epsilon: 'float' } },
  InstanceNormalization: { domain: '', inputs: ['x', 'scale', 'bias'], attributes: { epsilon: 'float' } },
  /** Keeps the reduced axes, with size 1. */
  ReduceMean: { domain: '', inputs: ['x', 'axes'], attributes: {} },
  ReduceSumSquare: { domain: '', inputs: ['x', 'axes'], attributes: {} },
  Concat: { domain: '', inputs: ['...'], attributes: { axis: 'int' } },
  Range: { domain: '', inputs: ['start', 'limit', 'delta'], attributes: {} },
  Split: { domain: '', inputs: ['x'], attributes: { axis: 'int', num_outputs: 'int' } },
  Slice: { domain: '', inputs: ['x', 'starts', 'ends', 'axes'], attributes: {} },
  Pad: { domain: '', inputs: ['x', 'pads', 'value', 'axes'], attributes: {} },
  Transpose: { domain: '', inputs: ['x'], attributes: { perm: 'ints' } },
  Reshape: { domain: '', inputs: ['x', 'shape'], attributes: {} },
  Expand: { domain: '', inputs: ['x', 'shape'], attributes: {} },
  Shape: { domain: '', inputs: ['x'], attributes: { start: 'int', end: 'int' } },
  Einsum: { domain: '', inputs: ['a', 'b'], attributes: { equation: 'string' } },
  DepthToSpace: { domain: '', inputs: ['x'], attributes: { blocksize: 'int', mode: 'string' } },
  Gather: { domain: '', inputs: ['x', 'indices'], attributes: {} },
  GatherND: { domain: '', inputs: ['x', 'indices'], attributes: { batch_dims: 'int' } },
  ArgMax: { domain: '', inputs: ['x'], attributes: { axis: 'int' } },
  Resize: {
    domain: '',
    inputs: ['x', 'roi?', 'scales?', 'sizes?'],
    attributes: { mode: 'string', coordinate_transformation_mode: 'string', nearest_mode: 'string' },
  },
  /** What DirectML has in place of ONNX's Gelu. */
  MicrosoftGelu: { domain: 'com.microsoft', type: 'Gelu', inputs: ['x'], attributes: {} },
  QuickGelu: { domain: 'com.microsoft', inputs: ['x'], attributes: { alpha: 'float' } },
  /**
   * With all three inputs `[batch, tokens, heads * size]`. Without a value, the key is `[batch, tokens, heads, 2, size]` of
   * keys and values; without a key too, the query is `[batch, tokens, heads, 3, size]` of all.
   */
  MultiHeadAttention: {
    domain: 'com.microsoft',
    inputs: ['query', 'key?', 'value?'],
    attributes: { num_heads: 'int', unidirectional: 'int' },
  },
  /** A convolution of `[batch, height, width, channels]`; the weight is as in Conv. */
  NhwcConv: {
    domain: 'com.microsoft',
    inputs: ['x', 'w', 'b?'],
    attributes: { kernel_shape: 'ints', strides: 'ints', pads: 'ints', group: 'int' },
  },
  /** Group normalisation of `[batch, height, width, channels]`; scale and bias are float32. SiLU if `activation` is 1. */
  NhwcGroupNorm: {
    domain: 'com.microsoft',
    type: 'GroupNorm',
    inputs: ['x', 'scale', 'bias'],
    attributes: { groups: 'int', epsilon: 'float', activation: 'int', channels_last: 'int' },
  },
  /** NhwcGroupNorm of `x + skip`, and this sum. The skip may be `[batch, 1, 1, channels]`. */
  SkipGroupNorm: {
    domain: 'com.microsoft',
    inputs: ['x', 'scale', 'bias', 'skip'],
    attributes: { groups: 'int', epsilon: 'float', activation: 'int', channels_last: 'int' },
  },
  /** LayerNormalization of `x + skip`, and this sum. */
  SkipLayerNormalization: {
    domain: 'com.microsoft',
    outputs: [0, 3],
    inputs: ['x', 'skip', 'scale', 'bias?'],
    attributes: { epsilon: 'float' },
  },
  /** One half of `x + bias` on the last axis times the GELU of the other. */
  BiasSplitGelu: { domain: 'com.microsoft', inputs: ['x', 'bias'], attributes: {} },
  /** `x * sigmoid(x)` */
  Silu: { domain: 'loom', inputs: ['x'], attributes: {} },
  /**
   * Normalises `[batch, channels, ...]` per group of channels; then scale and bias per channel; then SiLU if `silu`.
   */
  GroupNorm: {
    domain: 'loom',
    inputs: ['x', 'scale', 'bias'],
    attributes: { groups: 'int', epsilon: 'float', silu: 'boolean' },
  },
  /** `x @ w^T + b` on the last axis; w is `(out, in)`. */
  Linear: { domain: 'loom', inputs: ['x', 'w', 'b?'], attributes: {} },
  /** Scaled dot product attention of `[batch, tokens, heads * size]`, scale `1 / sqrt(size)`. */
  Attention: { domain: 'loom', inputs: ['query', 'key', 'value'], attributes: { heads: 'int', causal: 'boolean' } },
} as const satisfies Record<string, OpSchema>

export type Op = keyof typeof ops

/** What an op is called in its domain, and the places of its outputs. */
export function onnxName(op: Op): Required<Pick<OpSchema, 'type'>> & Pick<OpSchema, 'outputs'> {
  const { type = op, outputs }: OpSchema = ops[op]
  return { type, ...(outputs && { outputs }) }
}

export type CompositeOp = { [O in Op]: (typeof ops)[O]['domain'] extends 'loom' ? O : never }[Op]

interface AttributeTypes {
  int: number
  float: number
  ints: readonly number[]
  string: string
  dtype: ElementType
  boolean: boolean
}

export type Attributes<O extends Op> = {
  readonly [A in keyof (typeof ops)[O]['attributes']]: (typeof ops)[O]['attributes'][A] extends AttributeKind
    ? AttributeTypes[(typeof ops)[O]['attributes'][A]]
    : never
}

type InputTuple<Names extends readonly string[]> = Names extends readonly ['...']
  ? readonly Value[]
  : { readonly [I in keyof Names]: Names[I] extends `${string}?` ? Value | undefined : Value }

export type Inputs<O extends Op> = InputTuple<(typeof ops)[O]['inputs']>

export interface TensorType {
  readonly dtype: ElementType
  readonly shape: readonly Dim[]
  /** The elements of an int64 vector or scalar of sizes, if known. */
  readonly sizes?: readonly Dim[] | undefined
}

export type ConstantData = Float32Array | Int32Array | BigInt64Array

/** The place of a tensor in a file. */
export interface ExternalTensor {
  /** Absolute path, with symbolic links resolved. */
  readonly file: string
  readonly offset: number
  readonly byteLength: number
}

export type Origin =
  | { readonly kind: 'input' }
  | { readonly kind: 'weight'; readonly external: ExternalTensor }
  | { readonly kind: 'constant'; readonly data: ConstantData }
  | { readonly kind: 'node'; readonly node: Node }

/** A tensor of a graph, compared by object identity. */
export interface Value extends TensorType {
  readonly name: string
  readonly origin: Origin
}

export interface NodeOf<O extends Op> {
  readonly op: O
  readonly inputs: Inputs<O>
  readonly attributes: Attributes<O>
  readonly outputs: readonly Value[]
}

export type Node = { [O in Op]: NodeOf<O> }[Op]

/** Inputs of a node of any op, in order; undefined for absent optional ones. */
export function operands(node: Node): readonly (Value | undefined)[] {
  return node.inputs
}

/** The node that computes a value, if its op is `op`. */
export function madeBy<O extends Op>(value: Value, op: O): NodeOf<O> | undefined {
  if (value.origin.kind !== 'node' || value.origin.node.op !== op) return undefined
  return value.origin.node as unknown as NodeOf<O>
}

const known = new WeakMap<Value, boolean>()

/** Whether a value is computed in every run. Others depend on weights and constants alone: sessions compute them once. */
export function dependsOnInputs(value: Value): boolean {
  const { origin } = value
  if (origin.kind !== 'node') return origin.kind === 'input'
  const before = known.get(value)
  if (before !== undefined) return before
  const depends = operands(origin.node).some((input) => input && dependsOnInputs(input))
  known.set(value, depends)
  return depends
}
