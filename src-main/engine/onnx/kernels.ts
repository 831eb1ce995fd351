import type { Graph } from './graph.ts'
import { dependsOnInputs, type ElementType, type Node, type Op, operands, type Value } from './ir.ts'
import type { Provider } from './passes/recipes.ts'

/** A kernel of an execution provider: the opset that it is for, and the types of what it computes on. */
interface Kernel {
  /** The newest version of the kernel that opset 20 takes. */
  readonly since: number
  readonly types: readonly ElementType[]
}

const integers = ['int64', 'int32', 'int16', 'int8', 'uint64', 'uint32', 'uint16', 'uint8'] as const
const float8 = ['float8e4m3fn', 'float8e5m2', 'float8e4m3fnuz', 'float8e5m2fnuz'] as const
const two = ['float32', 'float16'] as const
const three = ['float64', ...two] as const
const four = ['bfloat16', ...three] as const
const double = ['float64', 'float32'] as const
const plain = [...four, 'bool', ...integers] as const
const all = [...plain, ...float8] as const
const dml = [...three, 'bool', ...integers] as const

/**
 * The kernels of ONNX Runtime's providers for the ops of the IR.
 *
 * CPU, CUDA and DirectML: its docs/OperatorKernels.md at commit 001d12d, of the release in use. CoreML: its
 * tools/ci_build/github/apple/coreml_supported_mlprogram_ops.md at commit 04f568d, which names ops and no versions; types
 * are those of an ML program. WebGPU has no such list: these were seen to be taken by onnxruntime-node 1.30.
 */
const kernels: Readonly<Record<Provider, { readonly [O in Op]?: Kernel }>> = {
  cpu: {
    ...kernelsOf(14, [...double, ...integers], ['Add', 'Sub', 'Mul', 'Div']),
    ...kernelsOf(13, double, ['Sqrt', 'Tanh', 'Sigmoid', 'Softmax', 'Gemm']),
    ...kernelsOf(14, [...double, 'int32', 'int8'], ['Relu']),
    ...kernelsOf(7, double, ['Sin']),
    ...kernelsOf(7, ['float32'], ['Cos']),
    ...kernelsOf(13, [...three, 'int64', 'int32', 'int8', 'uint64', 'uint32', 'uint8'], ['Clip']),
    ...kernelsOf(20, ['float32'], ['Gelu']),
    ...kernelsOf(19, all, ['Cast', 'Reshape', 'Shape']),
    ...kernelsOf(13, [...double, 'int64', 'int32', 'uint64', 'uint32'], ['MatMul']),
    ...kernelsOf(11, ['float32'], ['Conv']),
    ...kernelsOf(17, three, ['LayerNormalization']),
    ...kernelsOf(6, ['float32'], ['InstanceNormalization']),
    ...kernelsOf(18, [...double, 'int64', 'int32'], ['ReduceMean', 'ReduceSumSquare']),
    ...kernelsOf(13, plain, ['Concat', 'Slice', 'Transpose', 'Gather', 'GatherND']),
    ...kernelsOf(18, plain, ['Split']),
    ...kernelsOf(11, [...double, 'int64', 'int32', 'int16'], ['Range']),
    ...kernelsOf(19, [...double, 'bool', 'int64', 'int32', 'int8', 'uint64', 'uint32', 'uint8'], ['Pad']),
    ...kernelsOf(13, [...three, 'bool', ...integers], ['Expand']),
    ...kernelsOf(12, [...double, 'int64', 'int32'], ['Einsum']),
    ...kernelsOf(13, [...double, 'uint8'], ['DepthToSpace']),
    ...kernelsOf(13, [...double, 'int64', 'int32', 'int8', 'uint8'], ['ArgMax']),
    ...kernelsOf(19, ['float32', 'int32', 'int8', 'uint8'], ['Resize']),
    ...kernelsOf(1, ['float32'], ['MicrosoftGelu', 'QuickGelu', 'MultiHeadAttention']),
    ...kernelsOf(1, three, ['SkipLayerNormalization']),
  },
  cuda: {
    ...kernelsOf(14, [...four, ...integers], ['Add', 'Sub', 'Mul', 'Div']),
    ...kernelsOf(13, four, ['Sqrt', 'Tanh', 'Sigmoid', 'Softmax', 'MatMul', 'Gemm']),
    ...kernelsOf(14, four, ['Relu']),
    ...kernelsOf(7, three, ['Sin', 'Cos']),
    ...kernelsOf(13, [...three, 'int64', 'int8', 'uint64', 'uint8'], ['Clip']),
    ...kernelsOf(20, four, ['Gelu']),
    ...kernelsOf(19, [...plain, 'float8e4m3fn', 'float8e5m2'], ['Cast']),
    ...kernelsOf(11, three, ['Conv']),
    ...kernelsOf(17, four, ['LayerNormalization']),
    ...kernelsOf(6, three, ['InstanceNormalization']),
    ...kernelsOf(18, [...three, 'int32'], ['ReduceMean']),
    ...kernelsOf(18, three, ['ReduceSumSquare']),
    ...kernelsOf(13, plain, ['Concat', 'Slice', 'Transpose', 'Expand', 'Gather']),
    ...kernelsOf(18, plain, ['Split']),
    ...kernelsOf(11, [...double, 'int64', 'int32', 'int16'], ['Range']),
    ...kernelsOf(18, [...three, 'bool'], ['Pad']),
    ...kernelsOf(19, all, ['Reshape', 'Shape']),
    ...kernelsOf(12, three, ['Einsum']),
    ...kernelsOf(13, three, ['DepthToSpace', 'ArgMax']),
    ...kernelsOf(13, [...four, 'bool', 'int64'], ['GatherND']),
    ...kernelsOf(19, [...three, 'int32', 'uint8'], ['Resize']),
    ...kernelsOf(1, four, ['MicrosoftGelu', 'QuickGelu']),
    ...kernelsOf(1, ['bfloat16', ...two], ['MultiHeadAttention', 'SkipLayerNormalization']),
    ...kernelsOf(1, two, ['NhwcConv', 'NhwcGroupNorm', 'SkipGroupNorm', 'BiasSplitGelu']),
  },
  dml: {
    ...kernelsOf(14, [...two, ...integers], ['Add', 'Sub', 'Mul', 'Div']),
    ...kernelsOf(13, two, ['Sqrt', 'Tanh', 'Sigmoid', 'Softmax', 'MatMul', 'Gemm']),
    ...kernelsOf(14, [...two, 'int32', 'int16', 'int8'], ['Relu']),
    ...kernelsOf(7, two, ['Sin', 'Cos']),
    ...kernelsOf(13, [...two, ...integers], ['Clip', 'ArgMax']),
    ...kernelsOf(11, two, ['Conv']),
    ...kernelsOf(17, two, ['LayerNormalization']),
    ...kernelsOf(6, two, ['InstanceNormalization']),
    ...kernelsOf(18, [...two, 'int64', 'int32', 'uint64', 'uint32'], ['ReduceMean', 'ReduceSumSquare']),
    ...kernelsOf(13, dml, ['Concat', 'Slice', 'Transpose', 'Expand', 'DepthToSpace', 'Gather', 'GatherND']),
    ...kernelsOf(18, dml, ['Split']),
    ...kernelsOf(19, dml, ['Cast', 'Pad', 'Reshape', 'Shape']),
    ...kernelsOf(11, ['float32', 'int64', 'int32', 'int16'], ['Range']),
    ...kernelsOf(12, two, ['Einsum']),
    ...kernelsOf(19, [...two, 'int8', 'uint8'], ['Resize']),
    ...kernelsOf(1, two, ['MicrosoftGelu', 'QuickGelu', 'MultiHeadAttention', 'NhwcConv', 'NhwcGroupNorm']),
    ...kernelsOf(1, two, ['SkipLayerNormalization', 'BiasSplitGelu']),
  },
  coreml: {
    ...kernelsOf(1, two, [
      'Sqrt',
      'Relu',
      'Tanh',
      'Sigmoid',
      'Sin',
      'Cos',
      'Clip',
      'Gelu',
      'Softmax',
      'MatMul',
      'Gemm',
    ]),
    ...kernelsOf(1, two, ['Conv', 'LayerNormalization', 'InstanceNormalization', 'ReduceMean', 'Resize', 'QuickGelu']),
    ...kernelsOf(
      1,
      [...two, 'int64', 'int32'],
      ['Add', 'Sub', 'Mul', 'Div', 'Cast', 'Concat', 'Range', 'Split', 'Slice'],
    ),
    ...kernelsOf(1, [...two, 'int64', 'int32'], ['Transpose', 'Reshape', 'Shape', 'DepthToSpace', 'ArgMax']),
  },
  webgpu: {
    ...kernelsOf(14, two, ['Add', 'Sub', 'Mul', 'Div', 'Relu']),
    ...kernelsOf(13, two, ['Sqrt', 'Tanh', 'Softmax', 'MatMul', 'Gemm', 'Clip', 'Concat', 'Transpose']),
    ...kernelsOf(13, two, ['Gather', 'ArgMax']),
    ...kernelsOf(7, two, ['Sin', 'Cos']),
    ...kernelsOf(20, two, ['Gelu']),
    ...kernelsOf(11, two, ['Conv']),
    ...kernelsOf(17, two, ['LayerNormalization']),
    ...kernelsOf(6, two, ['InstanceNormalization']),
    ...kernelsOf(18, two, ['ReduceMean', 'ReduceSumSquare', 'Split']),
    ...kernelsOf(19, two, ['Cast', 'Reshape', 'Shape', 'Resize']),
    ...kernelsOf(1, two, ['QuickGelu', 'MultiHeadAttention', 'SkipLayerNormalization']),
  },
}

function kernelsOf(
  since: number,
  types: readonly ElementType[],
  names: readonly Op[],
): { readonly [O in Op]?: Kernel } {
  return Object.fromEntries(names.map((name) => [name, { since, types }]))
}

/**
 * The nodes of a lowered graph that a provider has no kernel for, as `Op of type`, each once. ONNX Runtime would compute
 * them on the processor without a word. Not counted are nodes that it computes once when it makes a session, and
 * arithmetic on sizes, which it keeps on the processor on purpose.
 */
export function withoutKernel(graph: Graph, provider: Provider): readonly string[] {
  const missing = graph.nodes.flatMap((node) => {
    if (!node.outputs.some(dependsOnInputs) || [operands(node), node.outputs].some(areSizes)) return []
    const types = kernels[provider][node.op]?.types ?? []
    return typesOf(node)
      .filter((type) => !types.includes(type))
      .map((type) => `${node.op} of ${type}`)
  })
  return [...new Set(missing)]
}

const areSizes = (values: readonly (Value | undefined)[]): boolean =>
  values.every((value) => value?.sizes !== undefined)

/** What a node computes on. Its other inputs are sizes, axes, indices or statistics, whose types ONNX prescribes. */
function typesOf(node: Node): readonly ElementType[] {
  const [first] = operands(node)
  const types = [first, ...(node.op === 'Cast' ? node.outputs : [])].flatMap((value) => (value ? [value.dtype] : []))
  return [...new Set(types)]
}
