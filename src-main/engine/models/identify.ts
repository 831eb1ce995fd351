import { basename } from 'node:path'
import { LoomError } from '#core/errors.ts'

/** What sort of model file it is; `checkpoint` holds whole networks under their single-file prefixes. */
export type FileKind =
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
  readonly kind: FileKind
  /** Name of the architecture in the file's own world: `SD1.x`, `SDXL`, `Flux`; absent where the kind says it all. */
  readonly family?: string
  /** What it is, to stand behind "it is". */
  readonly is: string
  /** Where it belongs instead, as a sentence; absent for what can be opened as a checkpoint. */
  readonly hint?: string
}

/** What the rules look at: names and shapes of a header, prefix included. */
export type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>

interface Rule extends Identity {
  readonly matches: (facts: Facts) => boolean
}

interface Facts {
  readonly has: (pattern: RegExp) => boolean
  /** Width of the text that cross-attention reads. */
  readonly contextWidth: number | undefined
  readonly count: number
  readonly linearProjection: boolean
}

const takeSd1 = 'Take an SD1.x checkpoint; other architectures are not built yet.'
const isUnet = (facts: Facts) => facts.has(/(^|\.)(input_blocks\.\d+\.0|down_blocks\.\d+\.resnets)\./)
const isSdxl = (facts: Facts) =>
  facts.has(/^conditioner\.embedders\.|(^|\.)(label_emb\.0\.0|add_embedding\.linear_1)\.weight$/)
const hasMiddleAttention = (facts: Facts) => facts.has(/(^|\.)(middle_block\.1|mid_block\.attentions\.0)\./)
const isSd2 = (facts: Facts) =>
  facts.has(/^cond_stage_model\.model\./) || (facts.contextWidth === 1024 && facts.linearProjection)

/** Transformers, by names that no other architecture uses. */
const transformers: readonly (readonly [family: string, pattern: RegExp])[] = [
  ['Flux', /(^|\.)(double_blocks\.\d+\.img_attn|single_transformer_blocks\.\d+)\./],
  ['SD3', /(^|\.)(joint_blocks\.\d+|transformer_blocks\.\d+\.attn\.add_q_proj)\./],
  ['Stable Cascade', /(^|\.)(clip_txt_pooled_mapper|effnet_mapper)\./],
  ['PixArt', /(^|\.)(adaln_single\.linear|t_block\.1)\./],
  ['AuraFlow', /(^|\.)(double_layers|joint_transformer_blocks)\.\d+\./],
  ['Lumina 2 or Z-Image', /(^|\.)noise_refiner\.\d+\./],
  ['Qwen-Image', /(^|\.)transformer_blocks\.\d+\.img_mlp\./],
  ['Wan', /(^|\.)blocks\.\d+\.cross_attn\./],
]

/** First match wins, so what is more particular stands above. */
const rules: readonly Rule[] = [
  {
    kind: 'adapter',
    is: 'an adapter (LoRA)',
    hint: 'Load it with a LoRA node; the Checkpoint node takes whole models.',
    matches: (facts) =>
      facts.has(
        /[._](lora_(up|down|mid|A|B)|lora\.(up|down)|lora_linear_layer|hada_w[12]|lokr_w[12]|oft_(blocks|diag)|lora_magnitude_vector)\b|\.(hada_w1_a|lokr_w1_a|lokr_w2_a|dora_scale|diff|diff_b)$/,
      ) && !facts.has(/^model\.diffusion_model\.(input_blocks|joint_blocks|double_blocks)\..*\.(weight|bias)$/),
  },
  {
    kind: 'controlnet',
    is: 'a ControlNet',
    hint: 'Take a checkpoint here; a ControlNet steers one.',
    matches: (facts) =>
      facts.has(/^(control_model|controlnet_\w+|input_hint_block|zero_convs|lllite_\w+|adapter\.body)\./),
  },
  {
    kind: 'image-prompt',
    is: 'an IP-Adapter',
    hint: 'Take a checkpoint here; an IP-Adapter gives one a picture as prompt.',
    matches: (facts) => facts.has(/^(ip_adapter|image_proj)\./),
  },
  {
    kind: 'motion-module',
    is: 'an AnimateDiff motion module',
    hint: 'Take a checkpoint here; pictures in motion are not supported.',
    matches: (facts) => facts.has(/(^|\.)motion_modules?\./) && !facts.has(/^first_stage_model\./),
  },
  ...transformers.map(
    ([family, pattern]): Rule => ({
      kind: 'checkpoint',
      family,
      is: `a model of the ${family} architecture`,
      hint: takeSd1,
      matches: (facts) => facts.has(pattern),
    }),
  ),
  {
    kind: 'checkpoint',
    family: 'SDXL refiner',
    is: 'an SDXL refiner',
    hint: takeSd1,
    matches: (facts) => isSdxl(facts) && facts.contextWidth === 1280,
  },
  {
    kind: 'checkpoint',
    family: 'SSD-1B',
    is: 'an SSD-1B or Segmind Vega checkpoint (a smaller SDXL)',
    hint: takeSd1,
    matches: (facts) => isSdxl(facts) && isUnet(facts) && !hasMiddleAttention(facts),
  },
  { kind: 'checkpoint', family: 'SDXL', is: 'an SDXL checkpoint', hint: takeSd1, matches: isSdxl },
  { kind: 'checkpoint', family: 'SD2', is: 'an SD2.x checkpoint', hint: takeSd1, matches: isSd2 },
  {
    kind: 'checkpoint',
    family: 'SD1.x',
    is: 'an SD1.x checkpoint',
    matches: (facts) => facts.has(/^(model\.diffusion_model\.input_blocks|first_stage_model|cond_stage_model)\./),
  },
  {
    kind: 'unet',
    family: 'SD1.x',
    is: 'the UNet of an SD1.x model alone',
    hint: 'Give the folder that holds unet, text_encoder and vae, or a single file that has all of them.',
    matches: (facts) => isUnet(facts) && hasMiddleAttention(facts),
  },
  {
    kind: 'preview-decoder',
    is: 'a TAESD preview decoder',
    hint: 'Take a checkpoint here; TAESD only decodes latents.',
    matches: (facts) => facts.has(/^(taesd_(encoder|decoder)|(encoder|decoder)\.layers\.\d+|\d+\.conv\.\d+)\./),
  },
  {
    kind: 'vae',
    is: 'a VAE alone',
    hint: 'Take a checkpoint here; a VAE only encodes and decodes pictures.',
    matches: (facts) => facts.has(/^(encoder|decoder)\.conv_in\./),
  },
  {
    kind: 'text-encoder',
    is: 'a text encoder alone',
    hint: 'Give the folder that holds unet, text_encoder and vae, or a single file that has all of them.',
    matches: (facts) =>
      facts.has(
        /(^|\.)(text_model\.embeddings|resblocks\.0|block\.0\.layer\.0\.SelfAttention)\.|^embeddings\.token_embedding\./,
      ),
  },
  {
    kind: 'upscaler',
    is: 'an upscaler (ESRGAN or alike)',
    hint: 'Take a checkpoint here; an upscaler only enlarges pictures.',
    matches: (facts) => facts.has(/^(model\.\d+|conv_first|RRDB_trunk|params_ema|body\.\d+\.(rdb1|weight))\b/),
  },
  {
    kind: 'embedding',
    is: 'a textual-inversion embedding',
    hint: 'Take a checkpoint here; an embedding is a word for a prompt.',
    matches: (facts) => facts.count <= 4 && facts.has(/^(emb_params|clip_[lg]|string_to_param.*|<.+>)$/),
  },
]

const unknown: Identity = {
  kind: 'unknown',
  is: 'of no architecture that is known here',
  hint: 'Take an SD1.x checkpoint, as .safetensors file or as diffusers folder.',
}

/** Says what a safetensors file is, by the names and shapes of its tensors; total. */
export function identify(tensors: Shapes): Identity {
  const names = Array.from(tensors.keys())
  const shapeOf = (pattern: RegExp) => tensors.get(names.find((name) => pattern.test(name)) ?? '')?.shape
  const facts: Facts = {
    has: (pattern) => names.some((name) => pattern.test(name)),
    contextWidth: shapeOf(/\.attn2\.to_k\.weight$/)?.[1],
    count: names.length,
    linearProjection: shapeOf(/\.proj_in\.weight$/)?.length === 2,
  }
  const rule = rules.find(({ matches }) => matches(facts))
  if (!rule) return unknown
  const { kind, family, is, hint } = rule
  return { kind, is, ...(family === undefined ? {} : { family }), ...(hint === undefined ? {} : { hint }) }
}

/** What to say of a file that is something else than the checkpoint asked for. */
export function refusal(path: string, { kind, is, hint }: Identity): LoomError {
  const part = /-(\d{5})-of-(\d{5})\.safetensors$/.exec(basename(path))
  if (part) {
    return new LoomError('unsupported', `${path} is part ${Number(part[1])} of ${Number(part[2])} of a model.`, {
      hint: 'Give the diffusers folder that the parts lie in.',
    })
  }
  const code = kind === 'checkpoint' || kind === 'unknown' ? 'unsupported' : 'mismatch'
  return new LoomError(
    code,
    `${path} cannot be opened as a checkpoint: it is ${is}.`,
    hint === undefined ? {} : { hint },
  )
}
