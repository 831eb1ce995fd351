import { symbol } from '../../onnx/dim.ts'
import { Graph } from '../../onnx/graph.ts'
import type { Value } from '../../onnx/ir.ts'
import type { Network } from '../checkpoint.ts'
import type { VaeConfig } from '../config.ts'
import { channelsOf, conv, groupNorm } from './layers.ts'
import { type Model, modelOf } from './model.ts'
import { Module } from './module.ts'
import { residualBlock } from './residual-block.ts'
import { pixelAttention } from './transformer.ts'

const epsilon = 1e-6

/**
 * The encoder of a variational autoencoder (diffusers' AutoencoderKL). Input: `image` float32 [batch, 3, imageHeight,
 * imageWidth] in 0..1. Outputs: `mean` and `logvar` (clamped to -30..20) [batch, latentChannels, imageHeight / 8,
 * imageWidth / 8] with four levels, raw: not multiplied with the scaling factor. Throws what {@link Module.weight} throws.
 */
export function buildVaeEncoder({ config, weights }: Network<VaeConfig>): Model {
  const graph = new Graph()
  const vae = new Module(graph, weights)
  const encoder = vae.at('encoder')
  const image = graph.input('image', 'float32', [symbol('batch'), 3, symbol('imageHeight'), symbol('imageWidth')])
  const centred = graph.add('Sub', [graph.add('Mul', [image, graph.scalar(2)], {}), graph.scalar(1)], {})
  let x = conv(encoder.at('conv_in'), centred, { channels: config.channels, kernel: 3 })
  config.levels.forEach((channels, level) => {
    const down = encoder.at(`down_blocks.${level}`)
    x = residualBlocks(down, x, channels, config.blocks)
    if (level < config.levels.length - 1) {
      x = conv(down.at('downsamplers.0.conv'), x, { channels, kernel: 3, stride: 2, pads: [0, 0, 1, 1] })
    }
  })
  x = groupNorm(encoder.at('conv_norm_out'), middleBlock(encoder.at('mid_block'), x), epsilon, true)
  const channels = 2 * config.latentChannels
  const moments = conv(vae.at('quant_conv'), conv(encoder.at('conv_out'), x, { channels, kernel: 3 }), {
    channels,
    kernel: 1,
  })
  const [mean = moments, logvar = moments] = graph.addAll('Split', [moments], { axis: 1, num_outputs: 2 })
  graph.output('mean', mean)
  graph.output('logvar', graph.add('Clip', [logvar, graph.scalar(-30), graph.scalar(20)], {}))
  return modelOf(graph, 'basic')
}

/**
 * The decoder of a variational autoencoder (diffusers' AutoencoderKL). Input: `latent` float32 [batch, latentChannels,
 * height, width], multiplied with the scaling factor as samplers see it. Output: `image` [batch, 3, 8 * height, 8 *
 * width] for four levels, in 0..1. Throws what {@link Module.weight} throws.
 */
export function buildVaeDecoder({ config, weights }: Network<VaeConfig>): Model {
  const graph = new Graph()
  const vae = new Module(graph, weights)
  const decoder = vae.at('decoder')
  const latent = graph.input('latent', 'float32', [
    symbol('batch'),
    config.latentChannels,
    symbol('height'),
    symbol('width'),
  ])
  const raw = graph.add('Div', [latent, graph.scalar(config.scaling)], {})
  const levels = config.levels.toReversed()
  let x = conv(vae.at('post_quant_conv'), raw, { channels: config.latentChannels, kernel: 1 })
  x = conv(decoder.at('conv_in'), x, { channels: levels[0] ?? config.channels, kernel: 3 })
  x = middleBlock(decoder.at('mid_block'), x)
  levels.forEach((channels, level) => {
    const up = decoder.at(`up_blocks.${level}`)
    x = residualBlocks(up, x, channels, config.blocks + 1)
    if (level < levels.length - 1) x = conv(up.at('upsamplers.0.conv'), double(graph, x), { channels, kernel: 3 })
  })
  x = conv(decoder.at('conv_out'), groupNorm(decoder.at('conv_norm_out'), x, epsilon, true), { channels: 3, kernel: 3 })
  const half = graph.scalar(0.5)
  const scaled = graph.add('Add', [graph.add('Mul', [x, half], {}), half], {})
  graph.output('image', graph.add('Clip', [scaled, graph.scalar(0), graph.scalar(1)], {}))
  return modelOf(graph, 'basic')
}

function residualBlocks(module: Module, x: Value, channels: number, blocks: number): Value {
  let hidden = x
  for (let index = 0; index < blocks; index++) {
    hidden = residualBlock(module.at(`resnets.${index}`), hidden, { channels, epsilon })
  }
  return hidden
}

function middleBlock(module: Module, x: Value): Value {
  const channels = channelsOf(x)
  const first = residualBlock(module.at('resnets.0'), x, { channels, epsilon })
  const attended = pixelAttention(module.at('attentions.0'), first, epsilon)
  return residualBlock(module.at('resnets.1'), attended, { channels, epsilon })
}

/** Nearest neighbour, twice the size. */
function double(graph: Graph, x: Value): Value {
  return graph.add('Resize', [x, undefined, graph.constant(Float32Array.of(1, 1, 2, 2)), undefined], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  })
}
