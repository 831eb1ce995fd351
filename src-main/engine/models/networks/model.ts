import { cut } from '../../onnx/cut.ts'
import { product } from '../../onnx/dim.ts'
import { encode } from '../../onnx/encode.ts'
import type { Graph } from '../../onnx/graph.ts'
import { type ExternalTensor, operands } from '../../onnx/ir.ts'
import { type Lowering, lower } from '../../onnx/passes/lower.ts'
import { peephole } from '../../onnx/passes/peephole.ts'
import { type PassOptions, runPasses } from '../../onnx/passes/rewrite.ts'
import { verify } from '../../onnx/verify.ts'

/** Float32 weights of one part: what a session needs beside them while it is made grows with them. */
const partBytes = 512 * 2 ** 20

interface ModelOptions extends PassOptions {
  /** What the model is to run on; default `cpu`. */
  readonly lowering?: Lowering
}

/** A network ready for a session. */
export interface Model {
  /** As built, with composite ops. */
  readonly graph: Graph
  /** Real paths of the files that its weights lie in. */
  readonly files: readonly string[]
  /** What its weights take in float32, in bytes. */
  readonly weightBytes: number
  /**
   * How far ONNX Runtime is to optimise. `all` stores convolution weights a second time in another layout, so a large network, whose
   * graph is written with fused ops anyway, asks for `basic`.
   */
  readonly graphOptimizationLevel: 'basic' | 'all'
  /** The graph, lowered for a device, as an ONNX model; its weights are external data (see `externalFolder`). */
  bytes(options?: ModelOptions): Uint8Array
  /** The same, cut into models to run one after the other: what is crossing has one name on both sides. */
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

/** Every weight that a node of the graph reads, once. */
function weightsOf(graph: Graph): { readonly external: ExternalTensor; readonly elements: number }[] {
  return [...new Set(graph.nodes.flatMap(operands))].flatMap((value) =>
    value?.origin.kind === 'weight'
      ? [{ external: value.origin.external, elements: Number(product(value.shape)) }]
      : [],
  )
}
