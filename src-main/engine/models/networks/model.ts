import type { Precision } from '#core/protocol/messages.ts'
import { float32Bytes, foldedValues } from '../../onnx/constants.ts'
import { cut } from '../../onnx/cut.ts'
import { product } from '../../onnx/dim.ts'
import { encode } from '../../onnx/encode.ts'
import type { Graph } from '../../onnx/graph.ts'
import { type ExternalTensor, operands } from '../../onnx/ir.ts'
import { type Provider, passesFor } from '../../onnx/passes/recipes.ts'
import { type PassOptions, runPasses } from '../../onnx/passes/rewrite.ts'
import { verify } from '../../onnx/verify.ts'

/** Maximum float32 weights per part. It limits the additional memory while a session is created. */
const partBytes = 512 * 2 ** 20

/**
 * Whether ONNX Runtime is told the shape of every value. It then makes a session of the embedded UNet in half of the
 * time, because it compares each value with all whose memory is free, and takes 6 % more memory at the peak (SD1.5 at
 * 512x512). So this is for networks of many small layers.
 */
const tellsShapes = (graph: Graph, weightBytes: number) => graph.nodes.length > 1000 && weightBytes < 256 * 2 ** 20

interface ModelOptions extends PassOptions {
  /** The execution provider to write the graph for; default `cpu`. */
  readonly provider?: Provider
  /** Default `float32`. A network that needs float32 stays in it. */
  readonly precision?: Precision
  /** Whether the session will map its weights from files, so that larger ones cost no memory. Default `false`. */
  readonly mapped?: boolean
}

/** A network ready for a session. */
export interface Model {
  /** With composite ops as built, or without as lowered. */
  readonly graph: Graph
  /** Real paths of the weight files. */
  readonly files: readonly string[]
  /** Size of the weights as float32 in bytes. */
  readonly weightBytes: number
  /**
   * ONNX Runtime's optimisation level. `all` stores convolution weights twice, in another layout, so large networks use
   * `basic`; their graphs already have fused ops.
   */
  readonly graphOptimizationLevel: 'basic' | 'all'
  /** What it computes in, if `asked` for this: float32 if its activations may leave half precision. */
  precision(asked: Precision): Precision
  /** The network in ops that a device has kernels for; itself if it is lowered already. */
  lowered(options?: ModelOptions): LoweredModel
  /** The graph, lowered for a device, as an ONNX model with external weights (see `externalFolder`). */
  bytes(options?: ModelOptions): Uint8Array
  /**
   * The model, in float32 cut into parts to run in succession. A value passed between parts has the same name in both.
   */
  parts(options?: ModelOptions): readonly Uint8Array[]
}

/** A network whose graph has ops of ONNX Runtime only. */
export interface LoweredModel extends Model {
  /** Bytes of the weights that a session computes in float32 when it is created, and owns. It maps all others. */
  readonly foldedBytes: number
  /** The model with a graph that computes the same. */
  withGraph(graph: Graph): LoweredModel
}

interface Needs extends Partial<Pick<Model, 'graphOptimizationLevel'>> {
  /** Its activations may leave half precision. */
  readonly float32?: boolean
}

export function modelOf(graph: Graph, { graphOptimizationLevel = 'all', float32 = false }: Needs = {}): Model {
  const precisionFor = (asked: Precision) => (float32 ? 'float32' : asked)
  const about = described(graph)
  const lowered = ({
    provider = 'cpu',
    precision: asked = 'float32',
    mapped = false,
    ...options
  }: ModelOptions = {}) => {
    const precision = precisionFor(asked)
    return loweredModel(runPasses(graph, passesFor(provider, precision, mapped), options), {
      graphOptimizationLevel,
      precision,
      shapes: tellsShapes(graph, about.weightBytes),
    })
  }
  return {
    ...about,
    graphOptimizationLevel,
    precision: precisionFor,
    lowered,
    bytes: (options) => lowered(options).bytes(),
    parts: (options) => lowered(options).parts(options),
  }
}

interface Writing extends Pick<Model, 'graphOptimizationLevel'> {
  readonly precision: Precision
  /** Whether ONNX Runtime is told the shapes of all values. */
  readonly shapes: boolean
}

/** @param graph without composite ops, in the precision */
function loweredModel(graph: Graph, writing: Writing): LoweredModel {
  const { graphOptimizationLevel, precision, shapes } = writing
  const model: LoweredModel = {
    ...described(graph),
    foldedBytes: foldedValues(graph).reduce((sum, value) => sum + float32Bytes(value), 0),
    graphOptimizationLevel,
    precision: () => precision,
    lowered: () => model,
    withGraph: (other) => loweredModel(other, writing),
    bytes: () => encode(graph, { shapes }),
    parts(options) {
      // little is folded in half precision, and its values cannot cross a cut
      const graphs = precision === 'float32' ? cut(graph, partBytes) : [graph]
      if (options?.verify) graphs.forEach(verify)
      return graphs.map((part) => encode(part, { shapes }))
    },
  }
  return model
}

function described(graph: Graph): Pick<Model, 'graph' | 'files' | 'weightBytes'> {
  const weights = weightsOf(graph)
  return {
    graph,
    files: [...new Set(weights.map(({ external }) => external.file))],
    weightBytes: weights.reduce((sum, { elements }) => sum + 4 * elements, 0),
  }
}

/** The weights that the graph's nodes read, each once. */
function weightsOf(graph: Graph): { readonly external: ExternalTensor; readonly elements: number }[] {
  return [...new Set(graph.nodes.flatMap(operands))].flatMap((value) =>
    value?.origin.kind === 'weight'
      ? [{ external: value.origin.external, elements: Number(product(value.shape)) }]
      : [],
  )
}
