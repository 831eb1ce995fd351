import { baseFamilies, baseFamilyIds } from '#core/families/families.ts'
import type { Tower } from '#core/families/family.ts'
import type { NetworkTensor } from '../models/keys/network-kind.ts'
import type { WeightDelta } from '../models/weights.ts'

/** A module's name for a layer, or for several stacked layers of which this layer is some rows. */
export interface Alias {
  readonly name: string
  readonly rows?: NonNullable<WeightDelta['rows']>
}

/**
 * All names that adapters use for the layer of a tensor. Names with underscores cannot be parsed (`to_out_0` or
 * `to.out.0`?), so they are generated from the network's tensors and looked up.
 */
export const aliases = {
  unet: unetAliases,
  textEncoder: (tensor) => [
    ...textEncoderAliases(tensor, {
      part: 'textEncoder',
      kohya: ['lora_te', 'lora_te1'],
      diffusers: 'text_encoder',
      comfy: 'clip_l',
    }),
    ...firstEncoderAliases(tensor),
  ],
  textEncoder2: (tensor) =>
    textEncoderAliases(tensor, {
      part: 'textEncoder2',
      kohya: ['lora_te2'],
      diffusers: 'text_encoder_2',
      comfy: 'clip_g',
    }),
} as const satisfies Record<string, (tensor: NetworkTensor) => Alias[]>

/** The networks that adapters change. */
export type AdaptedPart = keyof typeof aliases

/** The network that a module with this name changes. */
export function partOf(module: string): AdaptedPart {
  if (
    /^(lora_te2_|lycoris_text_encoder_2_|text_encoder_2\.|(text_encoders\.)?clip_g\.|conditioner\.embedders\.1\.)/.test(
      module,
    )
  )
    return 'textEncoder2'
  return /^(lora_te1?_|lycoris_text_encoder_|text_encoder\.|(text_encoders\.)?clip_l\.|cond_stage_model\.|conditioner\.embedders\.0\.|(base_model\.model\.)?(text_model\.|encoder\.layers\.|embeddings\.|final_layer_norm))/.test(
    module,
  )
    ? 'textEncoder'
    : 'unet'
}

const underscored = (path: string): string => path.replaceAll('.', '_')

function unetAliases(tensor: NetworkTensor): Alias[] {
  const [path, ldm] = [layerPath(tensor.name), layerPath(tensor.ldm)]
  return [
    ...diffusersUnetNames(path).map((name) => ({ name })),
    ...fusedNames(path, tensor.shape[0] ?? 0),
    { name: `lora_unet_${underscored(ldm)}` },
    { name: `oft_unet_${underscored(ldm)}` },
    // ComfyUI, and what is named after a checkpoint
    ...['diffusion_model.', 'model.diffusion_model.'].flatMap((place) => [
      { name: `${place}${ldm}` },
      { name: `${place}${path}` },
    ]),
    { name: ldm },
    { name: `unet.${ldm}` },
  ]
}

function diffusersUnetNames(path: string): string[] {
  return [
    // kohya's trainers, LCM-LoRA and LyCORIS
    ...['lora_unet', 'oft_unet', 'lycoris', 'lycoris_unet'].map((prefix) => `${prefix}_${underscored(path)}`),
    // PEFT and diffusers
    ...[path, oldProcessorPath(path)].flatMap((each) => [each, `unet.${each}`]),
    `base_model.model.${path}`,
    `unet.base_model.model.${path}`,
  ]
}

/** Names of fused projections as in diffusers: `to_qkv`, and `to_kv` for cross-attention. */
function fusedNames(path: string, rows: number): Alias[] {
  const [, stem, attention, letter = ''] = /^(.*\.(attn[12]))\.to_([qkv])$/.exec(path) ?? []
  const together = attention === 'attn1' ? 'qkv' : 'kv'
  const index = together.indexOf(letter)
  if (stem === undefined || index < 0) return []
  const own = [index * rows, (index + 1) * rows] as const
  return diffusersUnetNames(`${stem}.to_${together}`).map((name) => ({ name, rows: own }))
}

interface EncoderPrefixes {
  readonly part: TowerPart
  readonly kohya: readonly string[]
  readonly diffusers: string
  readonly comfy: string
}

type TowerPart = 'textEncoder' | 'textEncoder2'

/** Where the checkpoints of all families hold this text encoder. */
const placesOf = (part: TowerPart): readonly Tower['place'][] =>
  baseFamilyIds.flatMap((id) => baseFamilies[id][part]?.place ?? [])

function textEncoderAliases(
  { name, ldm, ldmRows }: NetworkTensor,
  { part, kohya, diffusers, comfy }: EncoderPrefixes,
): Alias[] {
  const openClip = layerPath(ldm)
  return encoderPaths(name)
    .flatMap((path) => [
      ...kohya.map((prefix) => `${prefix}_${underscored(path)}`),
      `lycoris_${diffusers}_${underscored(path)}`,
      ...[path, oldAttentionPath(path)].map((each) => `${diffusers}.${each}`),
      `${diffusers}.base_model.model.${path}`,
      `${comfy}.transformer.${path}`,
      `text_encoders.${comfy}.transformer.${path}`,
    ])
    .map((each): Alias => ({ name: each }))
    .concat(
      placesOf(part).flatMap(({ prefix, naming }): Alias[] =>
        naming === 'ldm'
          ? [{ name: `${prefix}${openClip}`, ...(ldmRows && { rows: ldmRows }) }]
          : encoderPaths(name).map((path) => ({ name: `${prefix}${path}` })),
      ),
    )
    .concat(kohya.map((prefix) => ({ name: `${prefix}_${underscored(openClip)}`, ...(ldmRows && { rows: ldmRows }) })))
}

/** Names without a network's prefix belong to the first encoder. */
function firstEncoderAliases({ name }: NetworkTensor): Alias[] {
  return encoderPaths(name)
    .flatMap((path) => [path, oldAttentionPath(path), `base_model.model.${path}`])
    .map((each) => ({ name: each }))
}

/** The path of a layer, and that of transformers 5, whose CLIP has no `text_model` around it. */
function encoderPaths(name: string): readonly string[] {
  const path = layerPath(name)
  return path.startsWith('text_model.') ? [path, path.slice('text_model.'.length)] : [path]
}

const layerPath = (name: string): string => name.replace(/[._](weight|bias)$/, '')

/** Before PEFT, diffusers kept adapters in attention processors: `attn1.processor.to_q`, `attn1.processor.to_out`. */
function oldProcessorPath(path: string): string {
  return path.replace(/\.(attn[12])\.(to_[qkv]|to_out)(\.0)?$/, '.$1.processor.$2')
}

function oldAttentionPath(path: string): string {
  return path.replace(/self_attn\.(q|k|v|out)_proj$/, 'self_attn.to_$1')
}
