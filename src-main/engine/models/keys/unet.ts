import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import type { UnetConfig, UnetLevel } from '../config.ts'
import {
  count,
  layer,
  type Naming,
  type NetworkKind,
  type NetworkTensor,
  type ShapeOf,
  sizeOf,
} from './network-kind.ts'

/** Heads of every attention in SD1.x, whatever its width. */
const familyHeads = 8

export const unet: NetworkKind<UnetConfig> = { label: 'UNet', read, tensors: unetTensors, ignored: /^$/ }

const names = {
  diffusers: {
    convIn: 'conv_in',
    convOut: 'conv_out',
    guidance: 'time_embedding.cond_proj',
    middle: 'mid_block.attentions.0',
  },
  ldm: { convIn: 'input_blocks.0.0', convOut: 'out.2', guidance: 'time_embed.cond_proj', middle: 'middle_block.1' },
} as const satisfies Record<Naming, unknown>

const levelsOf: Record<Naming, (shapeOf: ShapeOf) => UnetLevel[]> = { diffusers: diffusersLevels, ldm: ldmLevels }

/** In diffusers' SD1.x configs `attention_head_dim` is the number of heads; SD2 lists one for each level. */
const headsJson = z.union([z.number(), z.array(z.number()).nonempty()]).nullish()
const unetJson = z.object({ attention_head_dim: headsJson, num_attention_heads: headsJson })

function read(naming: Naming, shapeOf: ShapeOf, json: unknown): UnetConfig {
  const { convIn, convOut, guidance, middle } = names[naming]
  const guidanceWidth = shapeOf(`${guidance}.weight`)?.[1]
  const config: UnetConfig = {
    inChannels: readInChannels(shapeOf, `${convIn}.weight`),
    outChannels: sizeOf(shapeOf, `${convOut}.weight`, 0),
    channels: sizeOf(shapeOf, `${convIn}.weight`, 0),
    levels: levelsOf[naming](shapeOf),
    middleDepth: depthOf(shapeOf, middle),
    heads: readHeads(json),
    contextWidth: sizeOf(shapeOf, `${middle}.transformer_blocks.0.attn2.to_k.weight`, 1),
    ...(guidanceWidth === undefined ? {} : { guidanceWidth }),
  }
  for (const { channels } of config.levels) {
    if (channels % config.heads === 0) continue
    throw new LoomError('mismatch', `The UNet's ${channels} channels cannot be divided among ${config.heads} heads.`)
  }
  return config
}

function readInChannels(shapeOf: ShapeOf, convIn: string): number {
  const channels = sizeOf(shapeOf, convIn, 1)
  if (channels === 4 || channels === 9) return channels
  throw new LoomError(
    'unsupported',
    `The UNet takes ${channels} channels; those with 4, or 9 for inpainting, are built.`,
    {
      hint: 'Models that read a depth map (5) or an edited picture (8) are not supported; take a plain SD1.x model.',
    },
  )
}

function readHeads(json: unknown): number {
  const parsed = unetJson.safeParse(json ?? {})
  if (!parsed.success) throw new LoomError('parse', "The UNet's config.json has an attention_head_dim of another type.")
  const { attention_head_dim, num_attention_heads } = parsed.data
  const heads = [num_attention_heads ?? attention_head_dim ?? familyHeads].flat()
  const [first = familyHeads] = heads
  if (heads.every((each) => each === first) && Number.isInteger(first) && first > 0) return first
  throw new LoomError(
    'unsupported',
    `The UNet has ${heads.join(', ')} heads on its levels; SD1.x has one number for all.`,
  )
}

function depthOf(shapeOf: ShapeOf, transformer: string): number {
  return count(shapeOf, (index) => `${transformer}.transformer_blocks.${index}.attn2.to_k.weight`)
}

function diffusersLevels(shapeOf: ShapeOf): UnetLevel[] {
  const conv2 = (level: number, block: number) => `down_blocks.${level}.resnets.${block}.conv2.weight`
  return Array.from({ length: count(shapeOf, (level) => conv2(level, 0)) }, (_, level) => ({
    channels: sizeOf(shapeOf, conv2(level, 0), 0),
    blocks: count(shapeOf, (block) => conv2(level, block)),
    depth: depthOf(shapeOf, `down_blocks.${level}.attentions.0`),
  }))
}

/** `input_blocks` count on through the levels; a downsampler (`op`) ends each but the last. */
function ldmLevels(shapeOf: ShapeOf): UnetLevel[] {
  const conv2 = (index: number) => `input_blocks.${index}.0.out_layers.3.weight`
  const levels: UnetLevel[] = []
  for (let index = 1; shapeOf(conv2(index)); index++) {
    const blocks = count(shapeOf, (block) => conv2(index + block))
    levels.push({
      channels: sizeOf(shapeOf, conv2(index), 0),
      blocks,
      depth: depthOf(shapeOf, `input_blocks.${index}.1`),
    })
    index += blocks
  }
  return levels
}

function* unetTensors(config: UnetConfig): Generator<NetworkTensor> {
  const { channels, levels, guidanceWidth } = config
  const time = 4 * channels
  yield* layer('time_embedding.linear_1', 'time_embed.0', [time, channels])
  yield* layer('time_embedding.linear_2', 'time_embed.2', [time, time])
  if (guidanceWidth !== undefined) {
    const [name, ldm] = [names.diffusers.guidance, names.ldm.guidance]
    yield { name: `${name}.weight`, ldm: `${ldm}.weight`, shape: [channels, guidanceWidth] }
  }
  yield* layer('conv_in', 'input_blocks.0.0', [channels, config.inChannels, 3, 3])

  const last = levels.length - 1
  const skips = [channels]
  let width = channels
  let index = 0
  for (const [i, level] of levels.entries()) {
    for (let j = 0; j < level.blocks; j++) {
      index++
      yield* resnet(`down_blocks.${i}.resnets.${j}`, `input_blocks.${index}.0`, width, level.channels, time)
      yield* transformer(`down_blocks.${i}.attentions.${j}`, `input_blocks.${index}.1`, level, config.contextWidth)
      width = level.channels
      skips.push(width)
    }
    if (i === last) continue
    index++
    yield* layer(`down_blocks.${i}.downsamplers.0.conv`, `input_blocks.${index}.0.op`, [width, width, 3, 3])
    skips.push(width)
  }

  yield* resnet('mid_block.resnets.0', 'middle_block.0', width, width, time)
  const middle = { channels: width, depth: config.middleDepth }
  yield* transformer('mid_block.attentions.0', 'middle_block.1', middle, config.contextWidth)
  yield* resnet('mid_block.resnets.1', 'middle_block.2', width, width, time)

  index = 0
  for (const [i, level] of levels.toReversed().entries()) {
    for (let j = 0; j <= level.blocks; j++) {
      const joined = width + (skips.pop() ?? 0)
      yield* resnet(`up_blocks.${i}.resnets.${j}`, `output_blocks.${index}.0`, joined, level.channels, time)
      yield* transformer(`up_blocks.${i}.attentions.${j}`, `output_blocks.${index}.1`, level, config.contextWidth)
      width = level.channels
      index++
    }
    if (i === last) continue
    const place = `output_blocks.${index - 1}.${level.depth > 0 ? 2 : 1}.conv`
    yield* layer(`up_blocks.${i}.upsamplers.0.conv`, place, [width, width, 3, 3])
  }
  yield* layer('conv_norm_out', 'out.0', [channels])
  yield* layer('conv_out', 'out.2', [config.outChannels, channels, 3, 3])
}

function* resnet(name: string, ldm: string, from: number, to: number, time: number): Generator<NetworkTensor> {
  yield* layer(`${name}.norm1`, `${ldm}.in_layers.0`, [from])
  yield* layer(`${name}.conv1`, `${ldm}.in_layers.2`, [to, from, 3, 3])
  yield* layer(`${name}.time_emb_proj`, `${ldm}.emb_layers.1`, [to, time])
  yield* layer(`${name}.norm2`, `${ldm}.out_layers.0`, [to])
  yield* layer(`${name}.conv2`, `${ldm}.out_layers.3`, [to, to, 3, 3])
  if (from !== to) yield* layer(`${name}.conv_shortcut`, `${ldm}.skip_connection`, [to, from, 1, 1])
}

/** Inside a transformer both namings agree. */
function* transformer(
  name: string,
  ldm: string,
  { channels, depth }: Pick<UnetLevel, 'channels' | 'depth'>,
  contextWidth: number,
): Generator<NetworkTensor> {
  if (depth === 0) return
  const inner = (path: string, shape: readonly number[]) => layer(`${name}.${path}`, `${ldm}.${path}`, shape)
  yield* inner('norm', [channels])
  yield* inner('proj_in', [channels, channels, 1, 1])
  for (let d = 0; d < depth; d++) {
    const block = `transformer_blocks.${d}`
    for (const [attention, width] of [['attn1', channels] as const, ['attn2', contextWidth] as const]) {
      const path = `${block}.${attention}`
      for (const [to, from] of [['to_q', channels] as const, ['to_k', width] as const, ['to_v', width] as const]) {
        yield { name: `${name}.${path}.${to}.weight`, ldm: `${ldm}.${path}.${to}.weight`, shape: [channels, from] }
      }
      yield* inner(`${path}.to_out.0`, [channels, channels])
    }
    yield* inner(`${block}.ff.net.0.proj`, [8 * channels, channels])
    yield* inner(`${block}.ff.net.2`, [channels, 4 * channels])
    for (const norm of ['norm1', 'norm2', 'norm3']) yield* inner(`${block}.${norm}`, [channels])
  }
  yield* inner('proj_out', [channels, channels, 1, 1])
}
