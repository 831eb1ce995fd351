import { symbol } from '../../onnx/dim.ts'
import { Graph } from '../../onnx/graph.ts'
import type { Value } from '../../onnx/ir.ts'
import type { AutoencoderConfig } from '../config.ts'
import type { NetworkWeights } from '../weights.ts'
import { jointNorms } from './joint-norm.ts'
import { channelsOf, conv, groupNorm, type Norm } from './layers.ts'
import { type Model, modelOf } from './model.ts'
import { Module } from './module.ts'
import { residualBlock } from './residual-block.ts'
import { pixelAttention } from './transformer.ts'
import { double, featureInput, imageInput, latentInput, type VaeBuilders } from './vae-parts.ts'

const epsilon = 1e-6

/** The parts of diffusers' AutoencoderKL. Tiles share the statistics of the outer norms ({@link jointNorms}). */
export const autoencoder: VaeBuilders<AutoencoderConfig> = {
  encoder: ({ config, weights }) =>
    build(weights, (vae, graph) => {
      encoderInner(vae, config, encoderOuter(vae, config, imageInput(graph, symbol('batch')), groupNorm))
    }),
  'encoder-outer': ({ config, weights }) =>
    build(weights, (vae, graph) => {
      const { norm, finish } = jointNorms(graph, outerNorms(config, 'encoder'))
      graph.output('features', encoderOuter(vae, config, imageInput(graph, 1), norm))
      finish()
    }),
  'encoder-inner': ({ config, weights }) =>
    build(weights, (vae, graph) => {
      encoderInner(vae, config, featureInput(graph, config.levels.at(-2) ?? config.channels))
    }),
  decoder: ({ config, weights }) =>
    build(weights, (vae, graph) => {
      const latent = latentInput(graph, symbol('batch'), config.latentChannels)
      decoderOuter(vae, config, decoderInner(vae, config, latent), groupNorm)
    }),
  'decoder-inner': ({ config, weights }) =>
    build(weights, (vae, graph) => {
      graph.output('features', decoderInner(vae, config, latentInput(graph, 1, config.latentChannels)))
    }),
  'decoder-outer': ({ config, weights }) =>
    build(weights, (vae, graph) => {
      const { norm, finish } = jointNorms(graph, outerNorms(config, 'decoder'))
      decoderOuter(vae, config, featureInput(graph, config.levels.at(-1) ?? config.channels), norm)
      finish()
    }),
}

function build(weights: NetworkWeights, fill: (vae: Module, graph: Graph) => void): Model {
  const graph = new Graph()
  fill(new Module(graph, weights), graph)
  // SDXL's leaves half precision at every picture, and finetuned ones of SD1.5 do at some
  return modelOf(graph, { graphOptimizationLevel: 'basic', float32: true })
}

/** Number of group norms between the picture and the features at latent size. */
export function outerNorms({ levels, blocks }: AutoencoderConfig, half: 'encoder' | 'decoder'): number {
  const outer = levels.length - 1
  return half === 'encoder' ? outer * blocks * 2 : outer * (blocks + 1) * 2 + 1
}

/** From the picture down to latent size. This part takes the most memory. */
function encoderOuter(vae: Module, config: AutoencoderConfig, image: Value, norm: Norm): Value {
  const { graph } = vae
  const encoder = vae.at('encoder')
  const centred = graph.add('Sub', [graph.add('Mul', [image, graph.scalar(2)], {}), graph.scalar(1)], {})
  let x = conv(encoder.at('conv_in'), centred, { channels: config.channels, kernel: 3 })
  for (const [level, channels] of config.levels.slice(0, -1).entries()) {
    const down = encoder.at(`down_blocks.${level}`)
    x = residualBlocks(down, x, { channels, blocks: config.blocks, norm })
    x = conv(down.at('downsamplers.0.conv'), x, { channels, kernel: 3, stride: 2, pads: [0, 0, 1, 1] })
  }
  return x
}

/** The layers at latent size. */
function encoderInner(vae: Module, config: AutoencoderConfig, features: Value): void {
  const { graph } = vae
  const encoder = vae.at('encoder')
  const last = config.levels.length - 1
  const inner = { channels: config.levels[last] ?? config.channels, blocks: config.blocks, norm: groupNorm }
  const deep = residualBlocks(encoder.at(`down_blocks.${last}`), features, inner)
  const x = groupNorm(encoder.at('conv_norm_out'), middleBlock(encoder.at('mid_block'), deep), epsilon, true)
  const channels = 2 * config.latentChannels
  const moments = conv(vae.at('quant_conv'), conv(encoder.at('conv_out'), x, { channels, kernel: 3 }), {
    channels,
    kernel: 1,
  })
  const [mean = moments, logvar = moments] = graph.addAll('Split', [moments], { axis: 1, num_outputs: 2 })
  graph.output('mean', mean)
  graph.output('logvar', graph.add('Clip', [logvar, graph.scalar(-30), graph.scalar(20)], {}))
}

function decoderInner(vae: Module, config: AutoencoderConfig, latent: Value): Value {
  const { graph } = vae
  const decoder = vae.at('decoder')
  const raw = graph.add('Div', [latent, graph.scalar(config.scaling)], {})
  const channels = config.levels.at(-1) ?? config.channels
  const first = conv(vae.at('post_quant_conv'), raw, { channels: config.latentChannels, kernel: 1 })
  const middle = middleBlock(decoder.at('mid_block'), conv(decoder.at('conv_in'), first, { channels, kernel: 3 }))
  return residualBlocks(decoder.at('up_blocks.0'), middle, { channels, blocks: config.blocks + 1, norm: groupNorm })
}

function decoderOuter(vae: Module, config: AutoencoderConfig, features: Value, norm: Norm): void {
  const { graph } = vae
  const decoder = vae.at('decoder')
  const [first = config.channels, ...levels] = config.levels.toReversed()
  let [x, width] = [features, first]
  for (const [level, channels] of levels.entries()) {
    x = conv(decoder.at(`up_blocks.${level}.upsamplers.0.conv`), double(graph, x), { channels: width, kernel: 3 })
    x = residualBlocks(decoder.at(`up_blocks.${level + 1}`), x, { channels, blocks: config.blocks + 1, norm })
    width = channels
  }
  x = conv(decoder.at('conv_out'), norm(decoder.at('conv_norm_out'), x, epsilon, true), { channels: 3, kernel: 3 })
  const half = graph.scalar(0.5)
  const scaled = graph.add('Add', [graph.add('Mul', [x, half], {}), half], {})
  graph.output('image', graph.add('Clip', [scaled, graph.scalar(0), graph.scalar(1)], {}))
}

interface ResidualBlocks {
  readonly channels: number
  readonly blocks: number
  readonly norm: Norm
}

function residualBlocks(module: Module, x: Value, { channels, blocks, norm }: ResidualBlocks): Value {
  let hidden = x
  for (let index = 0; index < blocks; index++) {
    hidden = residualBlock(module.at(`resnets.${index}`), hidden, { channels, epsilon, norm })
  }
  return hidden
}

function middleBlock(module: Module, x: Value): Value {
  const channels = channelsOf(x)
  const first = residualBlock(module.at('resnets.0'), x, { channels, epsilon })
  const attended = pixelAttention(module.at('attentions.0'), first, epsilon)
  return residualBlock(module.at('resnets.1'), attended, { channels, epsilon })
}
