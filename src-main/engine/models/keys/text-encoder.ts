import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { baseFamilies } from '#core/families/families.ts'
import type { BuiltFamily, Tower } from '#core/families/family.ts'
import type { TextEncoderConfig } from '../config.ts'
import {
  count,
  layer,
  type NetworkKind,
  type NetworkTensor,
  type ShapeOf,
  type Source,
  sizeOf,
} from './network-kind.ts'

/** Channels per attention head, the same in every CLIP text encoder. */
const headWidth = 64

/** The first tower. Its pooled state is not projected. */
export const textEncoder = kindOf('text encoder', ({ textEncoder }) => textEncoder, false)

/** The second tower, whose projected pooled state is part of the vector. */
export const textEncoder2 = kindOf('second text encoder', ({ textEncoder2 }) => textEncoder2, true)

/** Ignores position ids (0, 1, 2, ...) and tensors of CLIP's training: vision tower, logit scale, unused projection. */
function kindOf(
  label: string,
  towerOf: (family: BuiltFamily) => Tower | undefined,
  projected: boolean,
): NetworkKind<TextEncoderConfig> {
  return {
    label,
    read(source) {
      const family = baseFamilies[source.family]
      const tower = towerOf(family)
      if (!tower) throw new LoomError('mismatch', `${family.name} has no ${label}.`)
      return read(source, tower, projected)
    },
    tensors: textEncoderTensors,
    ignored:
      /(^|\.)position_ids$|^((text|visual)_projection(\.weight)?|logit_scale|attn_mask)$|^(vision_model|visual)\./,
  }
}

const prefix = 'text_model.'
const projection = 'text_projection'

const textJson = z.object({
  num_attention_heads: z.number().int().positive().optional(),
  hidden_act: z.string().optional(),
})

function read({ naming, shapeOf, has, json }: Source, tower: Tower, projected: boolean): TextEncoderConfig {
  const parsed = textJson.safeParse(json ?? {})
  if (!parsed.success) {
    throw new LoomError('parse', "The text encoder's config.json has heads or an activation of another type.")
  }
  const transformers: ShapeOf = (name) => shapeOf(prefix + name) ?? shapeOf(name)
  const [shapes, names] =
    naming === 'ldm' ? ([shapeOf, openClipNames] as const) : ([transformers, transformersNames] as const)
  const width = sizeOf(shapes, names.tokens, 1)
  const heads = parsed.data.num_attention_heads ?? Math.max(1, Math.floor(width / headWidth))
  if (width % heads !== 0) {
    throw new LoomError('mismatch', `The text encoder's width of ${width} cannot be divided among ${heads} heads.`)
  }
  const layers = count((path) => has(path) || (naming === 'diffusers' && has(prefix + path)), names.layer)
  const { skip, activation, padToken, finalNorm } = tower
  return {
    width,
    layers,
    heads,
    vocabulary: sizeOf(shapes, names.tokens, 0),
    positions: sizeOf(shapes, names.positions, 0),
    padToken,
    finalNorm,
    activation: readActivation(parsed.data.hidden_act ?? activation),
    skip: skip(layers),
    ...(projected && { projectionWidth: readProjectionWidth(shapeOf) }),
  }
}

const transformersNames = {
  tokens: 'embeddings.token_embedding.weight',
  positions: 'embeddings.position_embedding.weight',
  layer: (index: number) => `encoder.layers.${index}`,
}
const openClipNames = {
  tokens: 'token_embedding.weight',
  positions: 'positional_embedding',
  layer: (index: number) => `transformer.resblocks.${index}`,
}

function readActivation(name: string): TextEncoderConfig['activation'] {
  if (name === 'quick_gelu' || name === 'gelu') return name
  throw new LoomError('unsupported', `The text encoder's activation is ${name}; quick_gelu and gelu are known.`)
}

/** OpenCLIP stores a matrix (`pooled @ text_projection`), transformers a linear layer. */
function readProjectionWidth(shapeOf: ShapeOf): number {
  return shapeOf(projection) ? sizeOf(shapeOf, projection, 1) : sizeOf(shapeOf, `${projection}.weight`, 0)
}

/** Names of transformers and OpenCLIP. Some files lack the prefix `text_model.`. */
function* textEncoderTensors(config: TextEncoderConfig): Generator<NetworkTensor> {
  for (const tensor of towerTensors(config)) yield { ...tensor, name: prefix + tensor.name, older: tensor.name }
  const { width, projectionWidth } = config
  if (projectionWidth === undefined) return
  yield { name: `${projection}.weight`, ldm: projection, ldmTurned: true, shape: [projectionWidth, width] }
}

function* towerTensors(config: TextEncoderConfig): Generator<NetworkTensor> {
  const { width, layers, vocabulary, positions } = config
  yield { name: transformersNames.tokens, ldm: openClipNames.tokens, shape: [vocabulary, width] }
  yield { name: transformersNames.positions, ldm: openClipNames.positions, shape: [positions, width] }
  for (let i = 0; i < layers; i++) {
    const [name, ldm] = [`encoder.layers.${i}`, `transformer.resblocks.${i}`]
    yield* layer(`${name}.layer_norm1`, `${ldm}.ln_1`, [width])
    for (const [index, input] of ['q_proj', 'k_proj', 'v_proj'].entries()) {
      const ldmRows = [index * width, (index + 1) * width] as const
      for (const tensor of layer(`${name}.self_attn.${input}`, `${ldm}.attn.in_proj`, [width, width])) {
        yield { ...tensor, ldm: tensor.ldm.replace(/\.(?=\w+$)/, '_'), ldmRows }
      }
    }
    yield* layer(`${name}.self_attn.out_proj`, `${ldm}.attn.out_proj`, [width, width])
    yield* layer(`${name}.layer_norm2`, `${ldm}.ln_2`, [width])
    yield* layer(`${name}.mlp.fc1`, `${ldm}.mlp.c_fc`, [4 * width, width])
    yield* layer(`${name}.mlp.fc2`, `${ldm}.mlp.c_proj`, [width, 4 * width])
  }
  yield* layer('final_layer_norm', 'ln_final', [width])
}
