import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { type BaseFamily, baseFamilies } from '#core/families/families.ts'
import type { Naming } from '#core/families/family.ts'
import { inpaintingChannels, type UnetConfig, type UnetLevel } from '../config.ts'
import { count, type ShapeOf, type Source, sizeOf } from './network-kind.ts'

const names = {
  diffusers: {
    convIn: 'conv_in',
    convOut: 'conv_out',
    guidance: 'time_embedding.cond_proj',
    vector: 'add_embedding.linear_1',
    middle: {
      first: 'mid_block.resnets.0',
      attention: 'mid_block.attentions.0',
      second: 'mid_block.resnets.1',
    },
  },
  ldm: {
    convIn: 'input_blocks.0.0',
    convOut: 'out.2',
    guidance: 'time_embed.cond_proj',
    vector: 'label_emb.0.0',
    middle: {
      first: 'middle_block.0',
      attention: 'middle_block.1',
      second: 'middle_block.2',
    },
  },
} as const satisfies Record<Naming, unknown>

/** A level without its number of heads, which no tensor shows. */
type Shape = Omit<UnetLevel, 'heads'>

const levelsOf: Record<Naming, (source: Source) => Shape[]> = { diffusers: diffusersLevels, ldm: ldmLevels }

/** diffusers' `attention_head_dim` is the number of heads: one number for all levels, or one for each. */
const headsJson = z.union([z.number(), z.array(z.number()).nonempty()]).nullish()
const unetJson = z.object({ attention_head_dim: headsJson, num_attention_heads: headsJson })

/**
 * A UNet's config from the shapes of its tensors.
 * @throws LoomError `mismatch`, `unsupported`; `parse` for a config.json with heads of another type
 */
export function readUnet(source: Source): UnetConfig {
  const { naming, shapeOf, has, json, family } = source
  const { convIn, convOut, guidance, vector, middle } = names[naming]
  const guidanceWidth = has(guidance) ? sizeOf(shapeOf, `${guidance}.weight`, 1) : undefined
  const vectorWidth = has(vector) ? sizeOf(shapeOf, `${vector}.weight`, 1) : undefined
  const transformer = someTransformer(has, naming)
  return {
    inChannels: readInChannels(shapeOf, `${convIn}.weight`, family),
    outChannels: sizeOf(shapeOf, `${convOut}.weight`, 0),
    channels: sizeOf(shapeOf, `${convIn}.weight`, 0),
    levels: withHeads(levelsOf[naming](source), json, family),
    middle: {
      residualBlocks: has(middle.second) ? 2 : has(middle.first) ? 1 : 0,
      depth: depthOf(has, middle.attention),
    },
    linearProjection: shapeOf(`${transformer}.proj_in.weight`)?.length === 2,
    contextWidth: sizeOf(shapeOf, `${transformer}.transformer_blocks.0.attn2.to_k.weight`, 1),
    ...(vectorWidth === undefined ? {} : { vectorWidth }),
    ...(guidanceWidth === undefined ? {} : { guidanceWidth }),
  }
}

function readInChannels(shapeOf: ShapeOf, convIn: string, family: BaseFamily): number {
  const channels = sizeOf(shapeOf, convIn, 1)
  const plain = baseFamilies[family].latents.channels
  const inpainting = inpaintingChannels(plain)
  if (channels === plain || channels === inpainting) return channels
  throw new LoomError(
    'unsupported',
    `The UNet takes ${channels} channels; those with ${plain}, or ${inpainting} for inpainting, are built.`,
    { hint: 'Models that read a depth map (5) or an edited picture (8) are not supported; take the plain model.' },
  )
}

function withHeads(levels: readonly Shape[], json: unknown, family: BaseFamily): UnetLevel[] {
  const parsed = unetJson.safeParse(json ?? {})
  if (!parsed.success) throw new LoomError('parse', "The UNet's config.json has an attention_head_dim of another type.")
  const said = parsed.data.num_attention_heads ?? parsed.data.attention_head_dim
  return levels.map((level, index) => {
    const { channels } = level
    const heads = (Array.isArray(said) ? said[index] : said) ?? baseFamilies[family].heads(channels)
    if (Number.isInteger(heads) && heads > 0 && channels % heads === 0) return { ...level, heads }
    throw new LoomError('mismatch', `The UNet's ${channels} channels cannot be divided among ${heads} heads.`)
  })
}

/** The first transformer found. SSD-1B has none in the middle, SDXL none on its first level. */
function someTransformer(has: Source['has'], naming: Naming): string {
  const places =
    naming === 'ldm'
      ? Array.from({ length: 16 }, (_, index) => `input_blocks.${index}.1`)
      : Array.from({ length: 8 }, (_, level) => `down_blocks.${level}.attentions.0`)
  const { attention } = names[naming].middle
  return places.find((place) => depthOf(has, place) > 0) ?? attention
}

function depthOf(has: Source['has'], transformer: string): number {
  return count(has, (index) => `${transformer}.transformer_blocks.${index}`)
}

function diffusersLevels({ has, shapeOf }: Source): Shape[] {
  const resnet = (level: number, block: number) => `down_blocks.${level}.resnets.${block}`
  const levels = count(has, (level) => `down_blocks.${level}`)
  return Array.from({ length: levels }, (_, level) => {
    const blocks = count(has, (block) => resnet(level, block))
    const depths = (place: string, length: number) =>
      Array.from({ length }, (_, block) => depthOf(has, `${place}.attentions.${block}`))
    return {
      channels: sizeOf(shapeOf, `${resnet(level, 0)}.conv2.weight`, 0),
      down: depths(`down_blocks.${level}`, blocks),
      up: depths(`up_blocks.${levels - 1 - level}`, blocks + 1),
    }
  })
}

/** `input_blocks` are numbered through all levels, and a downsampler (`op`) ends each level but the last. */
function ldmLevels({ has, shapeOf }: Source): Shape[] {
  const block = (index: number) => `input_blocks.${index}.0`
  const isResnet = (index: number) => has(block(index)) && !has(`${block(index)}.op`)
  const depths = (place: string, start: number, length: number) =>
    Array.from({ length }, (_, each) => depthOf(has, `${place}.${start + each}.1`))
  const ways: Omit<Shape, 'up'>[] = []
  for (let index = 1; isResnet(index); index++) {
    let blocks = 1
    while (isResnet(index + blocks)) blocks++
    const channels = sizeOf(shapeOf, `${block(index)}.out_layers.3.weight`, 0)
    ways.push({ channels, down: depths('input_blocks', index, blocks) })
    index += blocks
  }
  return ways.map((way, level) => {
    const deeper = ways.slice(level + 1).reduce((sum, { down }) => sum + down.length + 1, 0)
    return { ...way, up: depths('output_blocks', deeper, way.down.length + 1) }
  })
}
