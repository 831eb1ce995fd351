import {
  type BaseFamily,
  baseFamilies,
  baseFamilyIds,
  builtNames,
  families,
  familyIds,
  isBaseFamily,
  type Variant,
  variantOf,
  variants,
} from '../families/families.ts'
import type { Tower } from '../families/family.ts'
import { type Header, hasUnet, hasVector, headerOf } from '../families/header.ts'
import { describeAdapter, isAdapter } from './adapter-names.ts'
import { foreignPrefix, severalPrefixes, uncompiledInside } from './tensor-names.ts'

/** The sort of a model file. A `checkpoint` holds whole networks under their single-file prefixes. */
export type ModelKind =
  | 'checkpoint'
  | 'adapter'
  | 'unet'
  | 'vae'
  | 'text-encoder'
  | 'controlnet'
  | 'image-prompt'
  | 'motion-module'
  | 'preview-decoder'
  | 'upscaler'
  | 'embedding'
  | 'unknown'

export interface Identity {
  readonly kind: ModelKind
  /** Common name of the architecture: `SD1.x`, `SDXL`, `Flux`. Absent if names and shapes do not show it. */
  readonly family?: string
  /** The family, if it can be built. Absent for CLIP-L and VAEs, which several families share. */
  readonly base?: BaseFamily
  readonly variant?: Variant
  /** Name of a model of this variant, with an article: "an SSD-1B". */
  readonly model?: string
  /** Description that completes "it is". */
  readonly is: string
  /** Advice where to use the file, as a sentence. Absent if it can be opened as a checkpoint. */
  readonly hint?: string
  /** Words before (nearly) all names of its tensors that are no part of them. */
  readonly prefix?: string
}

interface Rule extends Omit<Identity, 'variant' | 'model' | 'prefix'> {
  readonly matches: (header: Header) => boolean
}

const takeBuilt = `Take an ${builtNames} checkpoint; other architectures are not built.`

/** Architectures outside the families, with tensor names that no other architecture uses. */
const architectures: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Stable Cascade', /(^|\.)(clip_txt_pooled_mapper|effnet_mapper)\./],
  ['PixArt', /(^|\.)(adaln_single\.linear|t_block\.1)\./],
  ['AuraFlow', /(^|\.)(double_layers|joint_transformer_blocks)\.\d+\./],
  ['Lumina 2 or Z-Image', /(^|\.)noise_refiner\.\d+\./],
  ['Qwen-Image', /(^|\.)transformer_blocks\.\d+\.img_mlp\./],
  ['Wan', /(^|\.)blocks\.\d+\.cross_attn\./],
]

/** Models that are recognised but cannot be built. */
const foreign = [
  ...familyIds.toReversed().flatMap((id) => (isBaseFamily(id) ? [] : [families[id]])),
  ...architectures.map(([name, pattern]) => ({ name, matches: ({ has }: Header) => has(pattern) })),
]

const isWhole = (header: Header) =>
  header.has(/^(model\.diffusion_model\.input_blocks|first_stage_model|cond_stage_model|conditioner\.embedders)\./)

const textEncoderAlone = {
  kind: 'text-encoder',
  hint: 'Load it with a Load Text Encoder node, or give the folder that holds unet, text_encoder and vae.',
} as const

interface OwnedTower {
  readonly base: BaseFamily
  readonly tower: Tower
  readonly order: '' | 'first ' | 'second '
}

const ownedTowers = baseFamilyIds.flatMap((base): OwnedTower[] => {
  const { textEncoder, textEncoder2 } = baseFamilies[base]
  if (!textEncoder2) return [{ base, tower: textEncoder, order: '' }]
  return [
    { base, tower: textEncoder, order: 'first ' },
    { base, tower: textEncoder2, order: 'second ' },
  ]
})

/** The rule for a separate text encoder with this token width. A width that several families share gives no family. */
function towerRule(width: number, owned: readonly OwnedTower[]): Rule {
  const owners = owned.map(({ base, order }, at) =>
    [at === 0 ? `the ${order}text encoder` : `and ${order}one`, `of ${baseFamilies[base].name}`].join(' '),
  )
  const [only, ...others] = owned
  return {
    ...textEncoderAlone,
    ...(only && others.length === 0 && { family: baseFamilies[only.base].name, base: only.base }),
    is: `${owners.join(', ')} (${only?.tower.name})${others.length === 0 ? '' : ','} alone`,
    matches: ({ tokenWidth }) => tokenWidth === width,
  }
}

/** The first match wins, so specific rules come first. */
const rules: readonly Rule[] = [
  {
    kind: 'controlnet',
    is: 'a ControlNet',
    hint: 'Take a checkpoint here; a ControlNet steers one.',
    matches: (header) =>
      header.has(/^(control_model|controlnet_\w+|input_hint_block|zero_convs|lllite_\w+|adapter\.body)\./),
  },
  {
    kind: 'image-prompt',
    is: 'an IP-Adapter',
    hint: 'Take a checkpoint here; an IP-Adapter gives one a picture as prompt.',
    matches: (header) => header.has(/^(ip_adapter|image_proj)\./),
  },
  {
    kind: 'motion-module',
    is: 'an AnimateDiff motion module',
    hint: 'Take a checkpoint here; pictures in motion are not supported.',
    matches: (header) => header.has(/(^|\.)motion_modules?\./) && !header.has(/^first_stage_model\./),
  },
  {
    kind: 'checkpoint',
    is: 'a training checkpoint with only the EMA copy of its UNet (model_ema), whose names have lost their dots',
    hint: 'Take the pruned version of the model, which has these weights under the ordinary names.',
    matches: ({ has }) => has(/^model_ema\.diffusion_model[a-z]/) && !has(/^model\.diffusion_model\./),
  },
  ...foreign.map(
    ({ name, matches }): Rule => ({
      kind: 'checkpoint',
      family: name,
      is: `a model of the ${name} architecture`,
      hint: takeBuilt,
      matches,
    }),
  ),
  {
    kind: 'checkpoint',
    family: 'SDXL refiner',
    is: 'an SDXL refiner',
    hint: 'Take an SDXL base model: it draws without a refiner.',
    matches: (header) =>
      baseFamilies.sdxl.matches(header) &&
      (header.contextWidth === 1280 || header.has(/^conditioner\.embedders\.0\.model\./)),
  },
  {
    kind: 'checkpoint',
    family: 'SD2 unCLIP',
    is: 'an SD2.x unCLIP model, which draws after pictures',
    hint: takeBuilt,
    matches: (header) => hasVector(header) && header.contextWidth === 1024,
  },
  ...baseFamilyIds.toReversed().flatMap((base): Rule[] => {
    const { name: family, matches } = baseFamilies[base]
    return [
      {
        kind: 'checkpoint',
        base,
        family,
        is: 'MODEL checkpoint',
        matches: (header) => isWhole(header) && matches(header),
      },
      {
        kind: 'unet',
        base,
        family,
        is: 'the UNet of MODEL model alone',
        hint: 'Load it with a Load UNet node, or give the folder that holds unet, text_encoder and vae.',
        matches: (header) => hasUnet(header) && header.contextWidth !== undefined && matches(header),
      },
    ]
  }),
  {
    kind: 'preview-decoder',
    is: 'a tiny autoencoder (TAESD) alone',
    hint: 'Load it with a Load VAE node; the Checkpoint node takes whole models.',
    matches: (header) => header.has(/^(taesd_(encoder|decoder)|(encoder|decoder)\.layers\.\d+|\d+\.conv\.\d+)\./),
  },
  {
    kind: 'vae',
    is: 'a VAE alone',
    hint: 'Load it with a Load VAE node; the Checkpoint node takes whole models.',
    matches: (header) => header.has(/^(encoder|decoder)\.conv_in\./),
  },
  ...Array.from(
    Map.groupBy(ownedTowers, ({ tower }) => tower.width),
    ([width, owned]) => towerRule(width, owned),
  ),
  { ...textEncoderAlone, is: 'a text encoder alone', matches: (header) => header.tokenWidth !== undefined },
  {
    kind: 'unknown',
    is: 'a T5 text encoder',
    hint: 'Take a CLIP text encoder; no model that is built here reads T5.',
    matches: (header) => header.has(/(^|\.)block\.0\.layer\.0\.SelfAttention\./),
  },
  {
    kind: 'upscaler',
    is: 'an upscaler (ESRGAN or alike)',
    hint: 'Take a checkpoint here; an upscaler only enlarges pictures.',
    matches: (header) => header.has(/^(model\.\d+|conv_first|RRDB_trunk|params_ema|body\.\d+\.(rdb1|weight))\b/),
  },
  {
    kind: 'unknown',
    is: 'an approximate decoder of AUTOMATIC1111 (VAE-approx)',
    hint: 'Previews take a tiny autoencoder (TAESD) instead.',
    matches: (header) => header.count === 16 && header.has(/^conv1\.weight$/) && header.has(/^conv8\.bias$/),
  },
  {
    kind: 'unknown',
    is: 'a hypernetwork of AUTOMATIC1111',
    hint: 'Take a LoRA instead; hypernetworks are not built.',
    matches: (header) => header.has(/^(320|640|768|1024|1280)\.[01]\.linear\.0\.weight$/),
  },
  {
    kind: 'embedding',
    is: 'a textual-inversion embedding',
    hint: 'Take a checkpoint here; an embedding is a word for a prompt.',
    matches: ({ count, wordsAlone, has }) =>
      count <= 4 && (has(/^(emb_params|clip_[lg]|string_to_param.*|<.+>)$/) || (count > 0 && wordsAlone)),
  },
]

const unknown: Identity = {
  kind: 'unknown',
  is: 'of no architecture that is known here',
  hint: `Take an ${builtNames} checkpoint, as .safetensors file or as diffusers folder.`,
}

type Tensors = Parameters<typeof headerOf>[0]

/**
 * Identifies a model file by the names and shapes of its tensors, also under words that stand before all of them. Never
 * throws.
 */
export function identify(tensors: Tensors): Identity {
  if (isAdapter(tensors)) {
    const hint = 'Load it with a LoRA node; the Checkpoint node takes whole models.'
    return { kind: 'adapter', is: describeAdapter(tensors), hint }
  }
  const named = new Map(Array.from(tensors, ([name, tensor]) => [uncompiledInside(name), tensor]))
  const outside = ruled(named)
  const names = [...named.keys()]
  const prefix = foreignPrefix(names, 'network')
  const several = prefix === '' && outside.kind === 'unet' ? severalPrefixes(names) : []
  if (several.length > 0) return { ...outsideCheckpoint, is: `several networks in one file (${several.join(', ')})` }
  if (prefix === '' || !mayHaveWords.has(outside.kind)) return outside
  const bare = Array.from(named).flatMap(([name, tensor]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), tensor] as const] : [],
  )
  const inside = ruled(new Map(bare))
  return inside.kind === 'unknown' ? outside : { ...inside, prefix }
}

const outsideCheckpoint = {
  kind: 'unknown',
  hint: 'Save each as a file of its own or all in a diffusers folder, or take the checkpoint.',
} as const

/** Kinds that are recognised by parts of names, or not at all if there are words before them. */
const mayHaveWords: ReadonlySet<ModelKind> = new Set([
  'checkpoint',
  'unet',
  'vae',
  'text-encoder',
  'unknown',
  'upscaler',
])

function ruled(tensors: Tensors): Identity {
  const header = headerOf(tensors)
  const { matches: _, ...identity } = rules.find(({ matches }) => matches(header)) ?? { ...unknown, matches: true }
  if (identity.base === undefined || identity.kind === 'text-encoder') return identity
  const variant = variantOf(baseFamilies[identity.base], header)
  const model = variant === 'base' ? `an ${identity.family}` : variants[variant].model
  return { ...identity, variant, model, is: identity.is.replace('MODEL', model) }
}
