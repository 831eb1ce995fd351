import { LoomError } from '#core/errors.ts'
import { symbol } from '../../onnx/dim.ts'
import { Graph } from '../../onnx/graph.ts'
import type { Value } from '../../onnx/ir.ts'
import type { Network } from '../checkpoint.ts'
import type { TaesdConfig, TaesdHalf } from '../config.ts'
import { type TaesdLayer, taesdLayers } from '../keys/taesd.ts'
import { channelsOf, conv } from './layers.ts'
import { type Model, modelOf } from './model.ts'
import { Module } from './module.ts'
import { double, featureInput, imageInput, latentInput, type VaeBuilders } from './vae-parts.ts'

/** Before decoding, latents are softly clamped to this magnitude. */
const magnitude = 3

/** The outer layers end with the last `halve`. The inner layers work at latent size. */
const encoderCut = taesdLayers.encoder.lastIndexOf('halve') + 1
const decoderCut = taesdLayers.decoder.indexOf('double')

/** The parts of a tiny autoencoder. It has no norms, and its encoder outputs only `mean`, which is the latent. */
export const taesd: VaeBuilders<TaesdConfig> = {
  encoder: (network) =>
    build(network, 'encoder', (half, graph) => {
      graph.output('mean', run(half, imageInput(graph, symbol('batch')), 0))
    }),
  'encoder-outer': (network) =>
    build(network, 'encoder', (half, graph) => {
      graph.output('features', run(half, imageInput(graph, 1), 0, encoderCut))
    }),
  'encoder-inner': (network) =>
    build(network, 'encoder', (half, graph, { channels }) => {
      graph.output('mean', run(half, featureInput(graph, channels), encoderCut))
    }),
  decoder: (network) =>
    build(network, 'decoder', (half, graph, { latentChannels }) => {
      const latent = latentInput(graph, symbol('batch'), latentChannels)
      graph.output('image', picture(graph, run(half, clamped(graph, latent), 0)))
    }),
  'decoder-inner': (network) =>
    build(network, 'decoder', (half, graph, { latentChannels }) => {
      const latent = latentInput(graph, 1, latentChannels)
      graph.output('features', run(half, clamped(graph, latent), 0, decoderCut))
    }),
  'decoder-outer': (network) =>
    build(network, 'decoder', (half, graph, { channels }) => {
      graph.output('image', picture(graph, run(half, featureInput(graph, channels), decoderCut)))
    }),
}

interface Half {
  readonly module: Module
  readonly layers: readonly TaesdLayer[]
  readonly config: TaesdConfig
  /** Channels of the last layer. */
  readonly out: number
}

/** @throws LoomError `mismatch` if the file has only the other half */
function build(
  { config, weights }: Network<TaesdConfig>,
  half: TaesdHalf,
  fill: (half: Half, graph: Graph, config: TaesdConfig) => void,
): Model {
  if (!config.halves.includes(half)) {
    const [only] = config.halves
    throw new LoomError('mismatch', `The file holds the ${only} of a tiny autoencoder alone; this needs its ${half}.`, {
      input: 'vae',
      hint: `Take the file with ${half} in its name, or diffusers' file, which holds both.`,
    })
  }
  const graph = new Graph()
  const module = new Module(graph, weights).at(half).at('layers')
  const out = half === 'encoder' ? config.latentChannels : 3
  fill({ module, layers: taesdLayers[half], config, out }, graph, config)
  return modelOf(graph, { graphOptimizationLevel: 'basic' })
}

/** The layers from `start` to `end`, exclusive. */
function run({ module, layers, config: { channels }, out }: Half, x: Value, start: number, end = layers.length): Value {
  const { graph } = module
  const apply: Record<TaesdLayer, (x: Value, at: Module) => Value> = {
    in: (x, at) => conv(at, x, { channels, kernel: 3 }),
    out: (x, at) => conv(at, x, { channels: out, kernel: 3 }),
    smooth: (x, at) => conv(at, x, { channels, kernel: 3 }),
    halve: (x, at) => conv(at, x, { channels, kernel: 3, stride: 2 }),
    double: (x) => double(graph, x),
    relu: (x) => graph.add('Relu', [x], {}),
    block: (x, at) => block(at, x),
  }
  return layers.slice(start, end).reduce((x, layer, index) => apply[layer](x, module.at(String(start + index))), x)
}

/** Three convolutions and a shortcut. */
function block(module: Module, x: Value): Value {
  const { graph } = module
  const shape = { channels: channelsOf(x), kernel: 3 } as const
  const relu = (value: Value) => graph.add('Relu', [value], {})
  const first = relu(conv(module.at('conv.0'), x, shape))
  const second = relu(conv(module.at('conv.2'), first, shape))
  return relu(graph.add('Add', [conv(module.at('conv.4'), second, shape), x], {}))
}

function clamped(graph: Graph, latent: Value): Value {
  const bound = graph.scalar(magnitude)
  return graph.add('Mul', [graph.add('Tanh', [graph.add('Div', [latent, bound], {})], {}), bound], {})
}

function picture(graph: Graph, x: Value): Value {
  return graph.add('Clip', [x, graph.scalar(0), graph.scalar(1)], {})
}
