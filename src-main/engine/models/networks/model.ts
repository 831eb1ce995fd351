import { cut } from '../../onnx/cut.ts'
import { product } from '../../onnx/dim.ts'
import { encode } from '../../onnx/encode.ts'
import type { Graph } from '../../onnx/graph.ts'
import { type ExternalTensor, operands } from '../../onnx/ir.ts'
import { type Lowering, lower } from '../../onnx/passes/lower.ts'
import { peephole } from '../../onnx/passes/peephole.ts'
import { type PassOptions, runPasses } from '../../onnx/passes/rewrite.ts'
import { verify } from '../../onnx/verify.ts'

/** Maximum float32 weights per part. It limits the additional memory while a session is created. */
const partBytes = 512 * 2 ** 20

interface ModelOptions extends PassOptions {
  /** The device to lower for; default `cpu`. */
  readonly lowering?: Lowering
}

/** A network ready for a session. */
export interface Model {
  /** As built, with composite ops. */
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
  /** The graph, lowered for a device, as an ONNX model with external weights (see `externalFolder`). */
  bytes(options?: ModelOptions): Uint8Array
  /** The model, cut into parts to run in succession. A value passed between parts has the same name in both. */
  parts(options?: ModelOptions): readonly Uint8Array[]
}

export function modelOf(graph: Graph, graphOptimizationLevel: Model['graphOptimizationLevel'] = 'all'): Model {
  const lowered = ({ lowering = 'cpu', ...options }: ModelOptions = {}) =>
    runPasses(graph, [lower(lowering), peephole], options)
  const weights = weightsOf(graph)
  return {
    graph,
    files: [...new Set(weights.map(({ external }) => external.file))],
    weightBytes: weights.reduce((sum, { elements }) => sum + 4 * elements, 0),
    graphOptimizationLevel,
    bytes: (options) => encode(lowered(options)),
    parts(options) {
      const graphs = cut(lowered(options), partBytes)
      if (options?.verify) graphs.forEach(verify)
      return graphs.map(encode)
    },
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
