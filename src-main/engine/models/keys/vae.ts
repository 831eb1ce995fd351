import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { baseFamilies } from '#core/families/families.ts'
import type { Naming } from '#core/families/family.ts'
import type { AutoencoderConfig } from '../config.ts'
import { count, layer, type NetworkKind, type NetworkTensor, type Source, sizeOf } from './network-kind.ts'

/** Stable Diffusion's VAE. The ignored tensors are the discriminator and the perceptual loss of training. */
export const vae: NetworkKind<AutoencoderConfig> = {
  label: 'VAE',
  read,
  tensors: vaeTensors,
  ignored: /^loss\.|^model_ema\./,
}

const encoderBlock: Record<Naming, (level: number, block: number) => string> = {
  diffusers: (level, block) => `encoder.down_blocks.${level}.resnets.${block}`,
  ldm: (level, block) => `encoder.down.${level}.block.${block}`,
}

const vaeJson = z.object({ scaling_factor: z.number().positive().nullish() })

function read({ naming, shapeOf, has, json, family }: Source): AutoencoderConfig {
  const parsed = vaeJson.safeParse(json ?? {})
  if (!parsed.success)
    throw new LoomError('parse', "The VAE's config.json has a scaling_factor that is no positive number.")
  const block = encoderBlock[naming]
  const levels = count(has, (level) => block(level, 0))
  return {
    kind: 'autoencoder-kl',
    latentChannels: sizeOf(shapeOf, 'post_quant_conv.weight', 0),
    levels: Array.from({ length: levels }, (_, level) => sizeOf(shapeOf, `${block(level, 0)}.conv2.weight`, 0)),
    blocks: count(has, (index) => block(0, index)),
    channels: sizeOf(shapeOf, 'encoder.conv_in.weight', 0),
    scaling: parsed.data.scaling_factor ?? baseFamilies[family].latents.scaling,
  }
}

function* vaeTensors({ latentChannels, levels, blocks, channels }: AutoencoderConfig): Generator<NetworkTensor> {
  const last = levels.length - 1
  const moments = 2 * latentChannels
  const inner = levels[last] ?? channels

  yield* layer('encoder.conv_in', 'encoder.conv_in', [channels, 3, 3, 3])
  let width = channels
  for (const [i, level] of levels.entries()) {
    for (let j = 0; j < blocks; j++) {
      yield* resnet(`encoder.down_blocks.${i}.resnets.${j}`, `encoder.down.${i}.block.${j}`, width, level)
      width = level
    }
    if (i === last) continue
    const place = `encoder.down.${i}.downsample.conv`
    yield* layer(`encoder.down_blocks.${i}.downsamplers.0.conv`, place, [width, width, 3, 3])
  }
  yield* middle('encoder', inner)
  yield* layer('encoder.conv_norm_out', 'encoder.norm_out', [inner])
  yield* layer('encoder.conv_out', 'encoder.conv_out', [moments, inner, 3, 3])
  yield* layer('quant_conv', 'quant_conv', [moments, moments, 1, 1])

  yield* layer('post_quant_conv', 'post_quant_conv', [latentChannels, latentChannels, 1, 1])
  yield* layer('decoder.conv_in', 'decoder.conv_in', [inner, latentChannels, 3, 3])
  yield* middle('decoder', inner)
  width = inner
  for (const [i, level] of levels.toReversed().entries()) {
    // diffusers numbers the decoder's levels in the order of computation, LDM by size
    const ldm = `decoder.up.${last - i}`
    for (let j = 0; j <= blocks; j++) {
      yield* resnet(`decoder.up_blocks.${i}.resnets.${j}`, `${ldm}.block.${j}`, width, level)
      width = level
    }
    if (i === last) continue
    yield* layer(`decoder.up_blocks.${i}.upsamplers.0.conv`, `${ldm}.upsample.conv`, [width, width, 3, 3])
  }
  yield* layer('decoder.conv_norm_out', 'decoder.norm_out', [width])
  yield* layer('decoder.conv_out', 'decoder.conv_out', [3, width, 3, 3])
}

function* resnet(name: string, ldm: string, from: number, to: number): Generator<NetworkTensor> {
  yield* layer(`${name}.norm1`, `${ldm}.norm1`, [from])
  yield* layer(`${name}.conv1`, `${ldm}.conv1`, [to, from, 3, 3])
  yield* layer(`${name}.norm2`, `${ldm}.norm2`, [to])
  yield* layer(`${name}.conv2`, `${ldm}.conv2`, [to, to, 3, 3])
  if (from !== to) yield* layer(`${name}.conv_shortcut`, `${ldm}.nin_shortcut`, [to, from, 1, 1])
}

/** Names in diffusers, in LDM, and in diffusers before version 0.17. */
const attentionNames = [
  ['to_q', 'q', 'query'],
  ['to_k', 'k', 'key'],
  ['to_v', 'v', 'value'],
  ['to_out.0', 'proj_out', 'proj_attn'],
] as const

function* middle(side: 'encoder' | 'decoder', width: number): Generator<NetworkTensor> {
  const [name, ldm] = [`${side}.mid_block`, `${side}.mid`]
  yield* resnet(`${name}.resnets.0`, `${ldm}.block_1`, width, width)
  const attention = `${name}.attentions.0`
  yield* layer(`${attention}.group_norm`, `${ldm}.attn_1.norm`, [width])
  for (const [current, single, older] of attentionNames) {
    for (const tensor of layer(`${attention}.${current}`, `${ldm}.attn_1.${single}`, [width, width])) {
      const ldmShape = tensor.shape.length === 2 ? [width, width, 1, 1] : tensor.shape
      yield { ...tensor, ldmShape, older: tensor.name.replace(`.${current}.`, `.${older}.`) }
    }
  }
  yield* resnet(`${name}.resnets.1`, `${ldm}.block_2`, width, width)
}
