import type { VaePart } from '#core/plan/attributes.ts'
import { type Dim, symbol } from '../../onnx/dim.ts'
import type { Graph } from '../../onnx/graph.ts'
import type { Value } from '../../onnx/ir.ts'
import type { Network } from '../checkpoint.ts'
import type { Model } from './model.ts'

export type VaeBuilders<Config> = Readonly<Record<VaePart, (network: Network<Config>) => Model>>

/** `[batch, 3, imageHeight, imageWidth]` in 0..1 */
export function imageInput(graph: Graph, batch: Dim): Value {
  return graph.input('image', 'float32', [batch, 3, symbol('imageHeight'), symbol('imageWidth')])
}

/** `[batch, channels, height, width]`, scaled as in samplers */
export function latentInput(graph: Graph, batch: Dim, channels: number): Value {
  return graph.input('latent', 'float32', [batch, channels, symbol('height'), symbol('width')])
}

/** The features between the inner and the outer part, at latent size. */
export function featureInput(graph: Graph, channels: number): Value {
  return graph.input('features', 'float32', [1, channels, symbol('height'), symbol('width')])
}

/** Nearest neighbour upsampling to twice the size. */
export function double(graph: Graph, x: Value): Value {
  return graph.add('Resize', [x, undefined, graph.constant(Float32Array.of(1, 1, 2, 2)), undefined], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  })
}
