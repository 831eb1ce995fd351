import { symbol } from '../../onnx/dim.ts'
import { Graph } from '../../onnx/graph.ts'
import type { Value } from '../../onnx/ir.ts'
import type { Network } from '../checkpoint.ts'
import type { UnetConfig, UnetLevel } from '../config.ts'
import { conv, groupNorm } from './layers.ts'
import { type Model, modelOf } from './model.ts'
import { Module } from './module.ts'
import { residualBlock } from './residual-block.ts'
import { timeEmbedding } from './timestep.ts'
import { transformer } from './transformer.ts'

const epsilon = 1e-5

type Level = Pick<UnetLevel, 'channels' | 'heads'>

/**
 * The denoising network of a latent diffusion model (diffusers' UNet2DConditionModel).
 *
 * Inputs, all float32: `latent` [batch, inChannels, height, width], `timestep` [batch], `context` [batch, tokens,
 * contextWidth] and, if the config has them, `vector` [batch, vectorWidth] and `guidance` [batch, guidanceWidth]. Output: `prediction` [batch,
 * outChannels, height, width]. Throws what {@link Module.weight} throws.
 *
 * @param keyStride The self-attention of the largest level that has one looks at every n-th pixel of rows and columns.
 */
export function buildUnet({ config, weights }: Network<UnetConfig>, keyStride = 1): Model {
  const graph = new Graph()
  const unet = new Module(graph, weights)
  const batch = symbol('batch')
  const latent = graph.input('latent', 'float32', [batch, config.inChannels, symbol('height'), symbol('width')])
  const timestep = graph.input('timestep', 'float32', [batch])
  const context = graph.input('context', 'float32', [batch, symbol('tokens'), config.contextWidth])
  const optional = (name: string, width: number | undefined) =>
    width === undefined ? undefined : graph.input(name, 'float32', [batch, width])
  const vector = optional('vector', config.vectorWidth)
  const guidance = optional('guidance', config.guidanceWidth)

  const embedding = timeEmbedding(unet, config, { timestep, vector, guidance })
  const { levels, middle } = config
  const largest = levels.find(({ down }) => down.some((depth) => depth > 0))
  /** A residual block, then `depth` transformer blocks. */
  const block = (module: Module, index: number, x: Value, level: Level, depth: number): Value => {
    const { channels, heads } = level
    const hidden = residualBlock(module.at(`resnets.${index}`), x, { channels, epsilon, embedding })
    const stride = level === largest ? keyStride : 1
    const options = { depth, heads, context, keyStride: stride }
    return depth === 0 ? hidden : transformer(module.at(`attentions.${index}`), hidden, options)
  }

  let x = conv(unet.at('conv_in'), latent, { channels: config.channels, kernel: 3 })
  const skips = [x]
  levels.forEach((level, position) => {
    const down = unet.at(`down_blocks.${position}`)
    level.down.forEach((depth, index) => {
      x = block(down, index, x, level, depth)
      skips.push(x)
    })
    if (position < levels.length - 1) {
      x = conv(down.at('downsamplers.0.conv'), x, { channels: level.channels, kernel: 3, stride: 2 })
      skips.push(x)
    }
  })

  const deepest = levels.at(-1) ?? { channels: config.channels, heads: 1 }
  for (let index = 0; index < middle.residualBlocks; index++) {
    x = block(unet.at('mid_block'), index, x, deepest, index === 0 ? middle.depth : 0)
  }

  levels.toReversed().forEach((level, position) => {
    const up = unet.at(`up_blocks.${position}`)
    level.up.forEach((depth, index) => {
      const skip = skips.pop() ?? x
      x = block(up, index, graph.add('Concat', [x, skip], { axis: 1 }), level, depth)
    })
    const next = skips.at(-1)
    if (next) x = conv(up.at('upsamplers.0.conv'), resizeTo(graph, x, next), { channels: level.channels, kernel: 3 })
  })

  const normalised = groupNorm(unet.at('conv_norm_out'), x, epsilon, true)
  graph.output('prediction', conv(unet.at('conv_out'), normalised, { channels: config.outChannels, kernel: 3 }))
  return modelOf(graph, { graphOptimizationLevel: 'basic' })
}

/** Nearest neighbour upsampling to the size of `like`: twice the size, or one less if halving rounded up. */
function resizeTo(graph: Graph, x: Value, like: Value): Value {
  const sizes = graph.add('Concat', [graph.sizesOf(x, 0, 2), graph.sizesOf(like, 2, 4)], { axis: 0 })
  return graph.add('Resize', [x, undefined, undefined, sizes], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  })
}
