import type { BaseFamily, Variant } from '../types/types.ts'

/** What sort of model file it is; `checkpoint` holds whole networks under their single-file prefixes. */
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
  /** Name of the architecture in the file's own world: `SD1.x`, `SDXL`, `Flux`; absent where names and shapes do not tell it. */
  readonly family?: string
  /** The same for what can be built here; CLIP-L and VAEs are of several. */
  readonly base?: BaseFamily
  readonly variant?: Variant
  /** What a model of it is: "an SSD-1B". */
  readonly model?: string
  /** What it is, to stand behind "it is". */
  readonly is: string
  /** Where it belongs instead, as a sentence; absent for what can be opened as a checkpoint. */
  readonly hint?: string
}

/** What the rules look at: names and shapes of a header, prefix included. */
type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>

interface Rule extends Omit<Identity, 'variant' | 'model'> {
  readonly matches: (facts: Facts) => boolean
}

interface Facts {
  readonly has: (pattern: RegExp) => boolean
  /** Width of the text that cross-attention reads. */
  readonly contextWidth: number | undefined
  /** Width of a text encoder's tokens. */
  readonly tokenWidth: number | undefined
  readonly count: number
  readonly linearProjection: boolean
}

const takeBuilt = 'Take an SD1.x, SD2.x or SDXL checkpoint; other architectures are not built.'
const isUnet = (facts: Facts) => facts.has(/(^|\.)(input_blocks\.\d+\.0|down_blocks\.\d+\.resnets)\./)
const hasVector = (facts: Facts) => facts.has(/(^|\.)(label_emb\.0\.0|add_embedding\.linear_1)\.weight$/)
const isSdxl = (facts: Facts) => hasVector(facts) || facts.has(/^conditioner\.embedders\./)
const isSd2 = (facts: Facts) =>
  facts.has(/^cond_stage_model\.model\./) || (facts.contextWidth === 1024 && facts.linearProjection)

/** Blocks of a transformer, by its name in either naming; 0 if there is none. */
function depthOf(facts: Facts, ldm: string, diffusers: string): number {
  const either = `(^|\\.)(${ldm}|${diffusers})`
  let depth = 0
  while (facts.has(new RegExp(`${either}\\.transformer_blocks\\.${depth}\\.`))) depth++
  return depth
}

/** SDXL and its smaller relatives, by what of it they leave out; the first match wins. */
const sizes: readonly (Required<Pick<Identity, 'variant' | 'model'>> & Pick<Rule, 'matches'>)[] = [
  {
    variant: 'koala',
    model: 'a KOALA',
    matches: (facts) =>
      isUnet(facts) && !facts.has(/(^|\.)(input_blocks\.2\.0\.in_layers|down_blocks\.0\.resnets\.1)\./),
  },
  {
    variant: 'base',
    model: 'an SDXL',
    matches: (facts) => !isUnet(facts) || depthOf(facts, 'middle_block.1', 'mid_block.attentions.0') > 0,
  },
  {
    // the third transformer on the way up keeps all its blocks
    variant: 'ssd-1b',
    model: 'an SSD-1B',
    matches: (facts) =>
      depthOf(facts, 'output_blocks.2.1', 'up_blocks.0.attentions.2') >
      depthOf(facts, 'output_blocks.0.1', 'up_blocks.0.attentions.0'),
  },
  { variant: 'vega', model: 'a Segmind-Vega', matches: () => true },
]

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

const isWhole = (facts: Facts) =>
  facts.has(/^(model\.diffusion_model\.input_blocks|first_stage_model|cond_stage_model|conditioner\.embedders)\./)

/** Families whose networks can be built; the last is what is none of the others. */
const bases: readonly (readonly [base: BaseFamily, family: string, matches: Rule['matches']])[] = [
  ['sdxl', 'SDXL', isSdxl],
  ['sd2', 'SD2.x', isSd2],
  ['sd1', 'SD1.x', () => true],
]

const textEncoderAlone = {
  kind: 'text-encoder',
  hint: 'Load it with a Load Text Encoder node, or give the folder that holds unet, text_encoder and vae.',
} as const

/** First match wins, so what is more particular stands above. */
const rules: readonly Rule[] = [
  {
    kind: 'adapter',
    is: 'an adapter (LoRA)',
    hint: 'Load it with a LoRA node; the Checkpoint node takes whole models.',
    matches: (facts) =>
      facts.has(
        /^(lora|lycoris)_|[._](lora_(up|down|mid|A|B)|lora\.(up|down)|lora_linear_layer|hada_w[12]|lokr_w[12]|oft_(blocks|diag)|lora_magnitude_vector)\b|\.(hada_w1_a|lokr_w1_a|lokr_w2_a|dora_scale|diff|diff_b|set_weight|w_norm|b_norm)$/,
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
      hint: takeBuilt,
      matches: (facts) => facts.has(pattern),
    }),
  ),
  {
    kind: 'checkpoint',
    family: 'SDXL refiner',
    is: 'an SDXL refiner',
    hint: 'Take an SDXL base model: it draws without a refiner.',
    matches: (facts) =>
      isSdxl(facts) && (facts.contextWidth === 1280 || facts.has(/^conditioner\.embedders\.0\.model\./)),
  },
  {
    kind: 'checkpoint',
    family: 'SD2 unCLIP',
    is: 'an SD2.x unCLIP model, which draws after pictures',
    hint: takeBuilt,
    matches: (facts) => hasVector(facts) && facts.contextWidth === 1024,
  },
  ...bases.flatMap(([base, family, matches]): Rule[] => [
    { kind: 'checkpoint', base, family, is: 'MODEL checkpoint', matches: (facts) => isWhole(facts) && matches(facts) },
    {
      kind: 'unet',
      base,
      family,
      is: 'the UNet of MODEL model alone',
      hint: 'Load it with a Load UNet node, or give the folder that holds unet, text_encoder and vae.',
      matches: (facts) => isUnet(facts) && facts.contextWidth !== undefined && matches(facts),
    },
  ]),
  {
    kind: 'preview-decoder',
    is: 'a tiny autoencoder (TAESD) alone',
    hint: 'Load it with a Load VAE node; the Checkpoint node takes whole models.',
    matches: (facts) => facts.has(/^(taesd_(encoder|decoder)|(encoder|decoder)\.layers\.\d+|\d+\.conv\.\d+)\./),
  },
  {
    kind: 'vae',
    is: 'a VAE alone',
    hint: 'Load it with a Load VAE node; the Checkpoint node takes whole models.',
    matches: (facts) => facts.has(/^(encoder|decoder)\.conv_in\./),
  },
  {
    ...textEncoderAlone,
    family: 'SDXL',
    base: 'sdxl',
    is: 'the second text encoder of SDXL (OpenCLIP-G) alone',
    matches: (facts) => facts.tokenWidth === 1280,
  },
  {
    ...textEncoderAlone,
    family: 'SD2.x',
    base: 'sd2',
    is: 'the text encoder of SD2.x (OpenCLIP-H) alone',
    matches: (facts) => facts.tokenWidth === 1024,
  },
  {
    ...textEncoderAlone,
    is: 'the text encoder of SD1.x, and first one of SDXL (CLIP-L), alone',
    matches: (facts) => facts.tokenWidth === 768,
  },
  { ...textEncoderAlone, is: 'a text encoder alone', matches: (facts) => facts.tokenWidth !== undefined },
  {
    kind: 'unknown',
    is: 'a T5 text encoder',
    hint: 'Take a CLIP text encoder; no model that is built here reads T5.',
    matches: (facts) => facts.has(/(^|\.)block\.0\.layer\.0\.SelfAttention\./),
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
  hint: 'Take an SD1.x, SD2.x or SDXL checkpoint, as .safetensors file or as diffusers folder.',
}

/** Says what a safetensors file is, by the names and shapes of its tensors; total. */
export function identify(tensors: Shapes): Identity {
  const names = Array.from(tensors.keys())
  const shapeOf = (pattern: RegExp) => tensors.get(names.find((name) => pattern.test(name)) ?? '')?.shape
  const facts: Facts = {
    has: (pattern) => names.some((name) => pattern.test(name)),
    contextWidth: shapeOf(/\.attn2\.to_k\.weight$/)?.[1],
    tokenWidth: shapeOf(/(^|\.)token_embedding\.weight$/)?.[1],
    count: names.length,
    linearProjection: shapeOf(/\.proj_in\.weight$/)?.length === 2,
  }
  const { matches: _, ...identity } = rules.find(({ matches }) => matches(facts)) ?? { ...unknown, matches: true }
  if (identity.base === undefined || identity.kind === 'text-encoder') return identity
  const { variant = 'base', model = `an ${identity.family}` } =
    identity.base === 'sdxl' ? (sizes.find((size) => size.matches(facts)) ?? {}) : {}
  return { ...identity, variant, model, is: identity.is.replace('MODEL', model) }
}
