import { encode } from '../../onnx/encode.ts'
import type { Graph } from '../../onnx/graph.ts'
import { lower, type Recipe } from '../../onnx/passes/lower.ts'
import { peephole } from '../../onnx/passes/peephole.ts'
import { type PassOptions, runPasses } from '../../onnx/passes/rewrite.ts'

export interface ModelOptions extends PassOptions {
  /** What the model is to run on; default `cpu`. */
  readonly recipe?: Recipe
}

/** A network ready for a session. */
export interface Model {
  /** As built, with composite ops. */
  readonly graph: Graph
  /** The graph, lowered for a device, as an ONNX model; its weights are external data (see `externalFolder`). */
  bytes(options?: ModelOptions): Uint8Array
}

export function modelOf(graph: Graph): Model {
  return {
    graph,
    bytes: ({ recipe = 'cpu', ...options } = {}) => encode(runPasses(graph, [lower(recipe), peephole], options)),
  }
}
