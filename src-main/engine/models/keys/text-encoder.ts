import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import type { TextEncoderConfig } from '../config.ts'
import {
  count,
  layer,
  type Naming,
  type NetworkKind,
  type NetworkTensor,
  type ShapeOf,
  sizeOf,
} from './network-kind.ts'

/** Channels of one head in every CLIP text encoder. */
const headWidth = 64

/** Position ids are 0, 1, 2, ...; the vision tower, projections and logit scale belong to CLIP's contrastive training. */
export const textEncoder: NetworkKind<TextEncoderConfig> = {
  label: 'text encoder',
  read,
  tensors: textEncoderTensors,
  ignored: /(^|\.)position_ids$|^((text|visual)_projection(\.weight)?|logit_scale)$|^vision_model\./,
}

const prefix = 'text_model.'

const textJson = z.object({
  num_attention_heads: z.number().int().positive().optional(),
  hidden_act: z.string().optional(),
})

function read(_naming: Naming, shapeOf: ShapeOf, json: unknown): TextEncoderConfig {
  const parsed = textJson.safeParse(json ?? {})
  if (!parsed.success) {
    throw new LoomError('parse', "The text encoder's config.json has heads or an activation of another type.")
  }
  const eitherShape: ShapeOf = (name) => shapeOf(name) ?? shapeOf(name.slice(prefix.length))
  const embedding = `${prefix}embeddings.token_embedding.weight`
  const width = sizeOf(eitherShape, embedding, 1)
  const heads = parsed.data.num_attention_heads ?? Math.max(1, Math.floor(width / headWidth))
  if (width % heads !== 0) {
    throw new LoomError('mismatch', `The text encoder's width of ${width} cannot be divided among ${heads} heads.`)
  }
  return {
    width,
    layers: count(eitherShape, (index) => `${prefix}encoder.layers.${index}.mlp.fc1.weight`),
    heads,
    vocabulary: sizeOf(eitherShape, embedding, 0),
    positions: sizeOf(eitherShape, `${prefix}embeddings.position_embedding.weight`, 0),
    activation: readActivation(parsed.data.hidden_act ?? 'quick_gelu'),
  }
}

function readActivation(name: string): TextEncoderConfig['activation'] {
  if (name === 'quick_gelu' || name === 'gelu') return name
  throw new LoomError('unsupported', `The text encoder's activation is ${name}; quick_gelu and gelu are known.`)
}

/** Both namings agree; some files leave out `text_model.`. */
function* textEncoderTensors(config: TextEncoderConfig): Generator<NetworkTensor> {
  for (const { name, shape } of bareTensors(config)) {
    yield { name: `${prefix}${name}`, ldm: `${prefix}${name}`, older: name, shape }
  }
}

function* bareTensors(config: TextEncoderConfig): Generator<Pick<NetworkTensor, 'name' | 'shape'>> {
  const { width, layers, vocabulary, positions } = config
  yield { name: 'embeddings.token_embedding.weight', shape: [vocabulary, width] }
  yield { name: 'embeddings.position_embedding.weight', shape: [positions, width] }
  for (let i = 0; i < layers; i++) {
    const at = (path: string, shape: readonly number[]) => layer(`encoder.layers.${i}.${path}`, '', shape)
    yield* at('layer_norm1', [width])
    for (const projection of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) {
      yield* at(`self_attn.${projection}`, [width, width])
    }
    yield* at('layer_norm2', [width])
    yield* at('mlp.fc1', [4 * width, width])
    yield* at('mlp.fc2', [width, 4 * width])
  }
  yield* layer('final_layer_norm', '', [width])
}
