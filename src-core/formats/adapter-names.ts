/** The kinds of adapters that can be built, by the names in their files. */
export type AdapterKind =
  | 'lora'
  | 'tucker'
  | 'adalora'
  | 'loha'
  | 'lokr'
  | 'dora'
  | 'glora'
  | 'oft'
  | 'boft'
  | 'ia3'
  | 'difference'
  | 'norm'
  | 'bias'

/**
 * Roles of tensors in a module: the kind that they imply, and the endings of their names. Endings of LoRA are those of
 * kohya, PEFT (also with an adapter's name inside or without `.weight`), diffusers before PEFT (`to_q_lora.up`) and its
 * trainer (`lora_linear_layer.up`); the rest are LyCORIS's. `alpha` belongs to every kind.
 */
const roles = {
  up: [
    'lora',
    /\.lora_up\.weight$|\.lora_B(\.\w+)?\.weight$|\.lora_B$|(_lora|\.lora|\.lora_linear_layer)\.up\.weight$/,
  ],
  down: [
    'lora',
    /\.lora_down\.weight$|\.lora_A(\.\w+)?\.weight$|\.lora_A$|(_lora|\.lora|\.lora_linear_layer)\.down\.weight$/,
  ],
  mid: ['tucker', /\.lora_mid\.weight$/],
  alpha: [undefined, /\.alpha$/],
  upBias: ['bias', /\.lora_(up|B(\.\w+)?)\.bias$/],
  values: ['adalora', /\.lora_E(\.\w+)?$/],
  hadaW1a: ['loha', /\.hada_w1_a$/],
  hadaW1b: ['loha', /\.hada_w1_b$/],
  hadaW2a: ['loha', /\.hada_w2_a$/],
  hadaW2b: ['loha', /\.hada_w2_b$/],
  hadaT1: ['loha', /\.hada_t1$/],
  hadaT2: ['loha', /\.hada_t2$/],
  lokrW1: ['lokr', /\.lokr_w1$/],
  lokrW1a: ['lokr', /\.lokr_w1_a$/],
  lokrW1b: ['lokr', /\.lokr_w1_b$/],
  lokrW2: ['lokr', /\.lokr_w2$/],
  lokrW2a: ['lokr', /\.lokr_w2_a$/],
  lokrW2b: ['lokr', /\.lokr_w2_b$/],
  lokrT2: ['lokr', /\.lokr_t2$/],
  doraScale: ['dora', /\.dora_scale$/],
  magnitude: ['dora', /\.lora_magnitude_vector(\.\w+)?$/],
  a1: ['glora', /\.a1\.weight$/],
  a2: ['glora', /\.a2\.weight$/],
  b1: ['glora', /\.b1\.weight$/],
  b2: ['glora', /\.b2\.weight$/],
  /** LyCORIS and kohya. With four axes it is BOFT. */
  oftBlocks: ['oft', /\.oft_blocks$/],
  rescale: [undefined, /\.rescale$/],
  oftR: ['oft', /\.oft_R(\.\w+)?\.weight$/],
  boftR: ['boft', /\.boft_R(\.\w+)?$/],
  boftS: ['boft', /\.boft_s(\.\w+)?$/],
  gains: ['ia3', /\.ia3_l(\.\w+)?$/],
  /** LyCORIS. Networks have such names too, but no layer at the top whose name begins so. */
  ia3Weight: ['ia3', /(?<=^(lora|lycoris)_\w+)\.weight$/],
  onInput: ['ia3', /\.on_input$/],
  diff: ['difference', /\.diff$/],
  replacement: ['difference', /\.set_weight$/],
  weightNorm: ['norm', /\.w_norm$/],
  biasNorm: ['norm', /\.b_norm$/],
  biasDiff: ['bias', /\.diff_b$/],
  /** What PEFT trained beside the adapter (`modules_to_save`, `bias`) it stores whole. */
  savedWeight: ['difference', /(?<=^base_model\.model\..+?)(\.base_layer)?\.weight$/],
  savedBias: ['bias', /(?<=^base_model\.model\..+?)(\.base_layer)?\.bias$/],
} as const satisfies Record<string, readonly [AdapterKind | undefined, RegExp]>

export type AdapterRole = keyof typeof roles

/** A role as the tensor is called in files: `hada_w2_a`. */
export function nameOfRole(role: AdapterRole): string {
  return role.replace(
    /([a-z])([A-Z]\d?)|(?<=\d)([ab])$/g,
    (_, before = '', capital = '', half = '') => `${before}_${capital.toLowerCase()}${half}`,
  )
}

const allRoles = Object.keys(roles) as AdapterRole[]

/** The kind of a module with a tensor of this role and shape. */
function kindOf(role: AdapterRole, { length: axes }: readonly number[]): AdapterKind | undefined {
  return role === 'oftBlocks' && axes === 4 ? 'boft' : roles[role][0]
}

/** The module of a tensor and its role in it. Undefined for names in no known form. */
function splitEnding(name: string): { module: string; role: AdapterRole } | undefined {
  for (const role of allRoles) {
    const match = roles[role][1].exec(name)
    if (match && match.index > 0) return { module: name.slice(0, match.index), role }
  }
  return undefined
}

/**
 * Kinds that are recognised but not built, with names that only their tensors have. PEFT's are all of its `PeftType`
 * (0.21) that changes weights or prompts; LyCORIS's are all of its algorithms (4.1) and what older versions wrote.
 */
const foreignKinds: readonly (readonly [title: string, pattern: RegExp])[] = [
  ['AdaMSS (PEFT)', /(^|\.)adamss_/],
  ['BEFT (PEFT)', /(^|\.)beft_/],
  ['C3A (PEFT)', /(^|\.)c3a_/],
  ['Cartridge (PEFT)', /(^|\.)(frozen|trainable)_embedding$/],
  ['DEFT (PEFT)', /(^|\.)deft_/],
  ['DeLoRA (PEFT)', /(^|\.)delora_/],
  ['FourierFT (PEFT)', /(^|\.)fourierft_/],
  ['FRoD (PEFT)', /(^|\.)frod_/],
  ['GLoRA of PEFT', /(^|\.)glora_[A-E]\b/],
  ['GraLoRA (PEFT)', /(^|\.)gralora_/],
  ['HiRA (PEFT)', /(^|\.)hira_/],
  ['HRA (PEFT)', /(^|\.)hra_/],
  ['Lily (PEFT)', /(^|\.)lily_/],
  ['LN-tuning (PEFT)', /(^|\.)ln_tuning_/],
  ['a LoRA on token embeddings (PEFT)', /(^|\.)(lora|oft)_embedding_/],
  ['MiSS or Bone (PEFT)', /(^|\.)(miss|bone)_/],
  ['an older OFT of PEFT', /(^|\.)oft_(r\b|R$)/],
  ['OSF (PEFT)', /(^|\.)osf_/],
  ['PEANuT (PEFT)', /(^|\.)peanut_/],
  ['Poly (PEFT)', /(^|\.)poly_/],
  ['prompt tuning, P-tuning or prefix tuning (PEFT)', /^(prompt_embeddings|prefix_task_(cols|rows))$/],
  ['PSOFT (PEFT)', /(^|\.)psoft_/],
  ['PVeRA (PEFT)', /(^|\.)pvera_/],
  ['RandLoRA (PEFT)', /(^|\.)randlora_/],
  ['RoAd (PEFT)', /(^|\.)road_/],
  ['Shadow (PEFT)', /(^|\.)shadow_/],
  ['SHiRA (PEFT)', /(^|\.)shira_/],
  ['Supertuning (PEFT)', /(^|\.)supertuning_/],
  ['TinyLoRA (PEFT)', /(^|\.)tinylora_/],
  ['trainable tokens (PEFT)', /(^|\.)trainable_tokens_/],
  ['the LLaMA adapter (PEFT)', /(^|\.)adaption_(prompt|gate)$/],
  ['UniLoRA (PEFT)', /(^|\.)unilora_/],
  ['VB-LoRA (PEFT)', /(^|\.)vblora_/],
  ['VeRA (PEFT)', /(^|\.)vera_/],
  ['WaveFT (PEFT)', /(^|\.)waveft_/],
  ['X-LoRA (PEFT)', /(^|\.)(internal_)?xlora_/],
  ['T-LoRA (LyCORIS)', /\.([pq]_layer\.weight|lambda_layer)$/],
  ['the first OFT of LyCORIS (oft_diag)', /\.oft_diag$/],
  [firstFormat('unet:0:up'), /^(unet|text_encoder)\d*:\d+:(up|down)$/],
  ['SVDiff', /\.(delta|spectral_shifts?)$/],
  ['weights of another shape (reshape_weight)', /\.reshape_weight$/],
]

function firstFormat(example: string): string {
  return `the first LoRA format (${example}), which numbers the layers`
}

/** The kind of adapter that a tensor belongs to, if that kind cannot be built: `VeRA (PEFT)`. */
function foreignKindOf(name: string): string | undefined {
  return foreignKinds.find(([, pattern]) => pattern.test(name))?.[0]
}

/** Roles whose endings other files have as well. */
const ambiguous: ReadonlySet<AdapterRole> = new Set(['alpha', 'ia3Weight', 'rescale'])

/** A name that only tensors of adapters have. */
const adapterName = new RegExp(
  [
    /^(lora|lycoris)_(?!controlnet$)/,
    /^base_model\.model\./,
    ...allRoles.flatMap((role) => (ambiguous.has(role) ? [] : [roles[role][1]])),
    ...foreignKinds.map(([, pattern]) => pattern),
  ]
    .map(({ source }) => source)
    .join('|'),
)

type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>

/** What has layers of adapters' kinds inside, and is none itself. */
const otherWhole = /^(ip_adapter|image_proj)\./

/**
 * Whether most tensors of a file have names that only adapters have. A network in which an adapter was left has more tensors of
 * its own.
 */
export function isAdapter(tensors: Shapes): boolean {
  if (isNumbered(tensors)) return true
  let [own, plain] = [0, 0]
  for (const name of tensors.keys()) {
    if (otherWhole.test(name)) return false
    if (adapterName.test(name)) own++
    else if (/\.(weight|bias)$/.test(name)) plain++
  }
  return own > 0 && own >= plain
}

/** The largest rank that a pair of a numbered list may have. */
const maxNumberedRank = 1024

/**
 * Whether the tensors are the list of matrices that the first trainer of LoRAs (cloneofsimo's) saved: up, down, up, down, with
 * nothing that names their layers.
 */
function isNumbered(tensors: Shapes): boolean {
  const shapes = Array.from(tensors.values(), ({ shape }) => shape)
  const isPair = ([up, down]: readonly (readonly number[])[]) =>
    up?.length === down?.length && (up?.length ?? 0) >= 2 && up?.[1] === down?.[0] && (up?.[1] ?? 0) <= maxNumberedRank
  return (
    shapes.length >= 2 &&
    shapes.length % 2 === 0 &&
    Array.from(tensors.keys()).every((name, index) => name === String(index)) &&
    shapes.every((_, index) => index % 2 === 1 || isPair(shapes.slice(index, index + 2)))
  )
}

/** What the tensors of an adapter are: those of modules by role, and the others. */
export interface SortedNames<Tensor> {
  readonly pieces: readonly (readonly [module: string, role: AdapterRole, tensor: Tensor])[]
  readonly kinds: ReadonlySet<AdapterKind>
  /** Names of tensors of kinds that are not built, by the kind's title. */
  readonly foreign: ReadonlyMap<string, readonly string[]>
  /** Names in no known form. */
  readonly unknown: readonly string[]
}

/** Sorts the tensors of an adapter by their names. */
export function sortAdapterNames<Tensor extends { readonly shape: readonly number[] }>(
  tensors: ReadonlyMap<string, Tensor>,
): SortedNames<Tensor> {
  const names = Array.from(tensors.keys())
  if (isNumbered(tensors)) {
    return { pieces: [], kinds: new Set(), foreign: new Map([[firstFormat('a list'), names]]), unknown: [] }
  }
  const pieces: [string, AdapterRole, Tensor][] = []
  const kinds = new Set<AdapterKind>()
  const foreign = new Map<string, string[]>()
  const unknown: string[] = []
  for (const [name, tensor] of tensors) {
    const title = foreignKindOf(name)
    const split = splitEnding(name)
    if (title !== undefined) foreign.set(title, [...(foreign.get(title) ?? []), name])
    else if (!split) unknown.push(name)
    else {
      const kind = kindOf(split.role, tensor.shape)
      if (kind) kinds.add(kind)
      pieces.push([split.module, split.role, tensor])
    }
  }
  return { pieces, kinds, foreign, unknown }
}

/** Names of the kinds. */
const titles: Record<AdapterKind, string> = {
  lora: 'LoRA',
  tucker: 'LoCon',
  adalora: 'AdaLoRA',
  loha: 'LoHa',
  lokr: 'LoKr',
  dora: 'DoRA',
  glora: 'GLoRA',
  oft: 'OFT',
  boft: 'BOFT',
  ia3: 'IA³',
  difference: 'whole differences',
  norm: 'norms',
  bias: 'biases',
}

/** What most adapters have beside their kind; it names those that have nothing else. */
const besides: ReadonlySet<AdapterKind> = new Set(['difference', 'norm', 'bias'])

/** "an adapter (LoRA, DoRA)", completing "it is". */
export function describeAdapter(tensors: Shapes): string {
  const { kinds, foreign } = sortAdapterNames(tensors)
  const [unbuilt] = foreign.keys()
  if (unbuilt !== undefined) return `an adapter of the kind ${unbuilt}`
  // AdaLoRA's matrices are named as those of a LoRA
  const main = [...kinds].filter((kind) => !besides.has(kind) && !(kind === 'lora' && kinds.has('adalora')))
  const named = (main.length > 0 ? main : [...kinds]).map((kind) => titles[kind])
  return named.length > 0 ? `an adapter (${named.join(', ')})` : 'an adapter of a kind that is not known here'
}
