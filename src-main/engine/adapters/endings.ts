import type { AdapterKind } from './adapter.ts'

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
  diff: ['difference', /\.diff$/],
  replacement: ['difference', /\.set_weight$/],
  weightNorm: ['norm', /\.w_norm$/],
  biasNorm: ['norm', /\.b_norm$/],
  biasDiff: ['bias', /\.diff_b$/],
  oft: ['oft', /\.(oft_blocks|oft_diag|oft_R(\.\w+)?(\.weight)?)$/],
  // pads a weight to another shape, which no supported network has
  reshape: ['difference', /\.reshape_weight$/],
} as const satisfies Record<string, readonly [AdapterKind | undefined, RegExp]>

export type Role = keyof typeof roles

const allRoles = Object.keys(roles) as Role[]

/** The kind of a module with a tensor of this role. */
export function kindOf(role: Role): AdapterKind | undefined {
  return roles[role][0]
}

/** The module of a tensor and its role in it. Undefined for names in no known form. */
export function splitEnding(name: string): { module: string; role: Role } | undefined {
  for (const role of allRoles) {
    const match = roles[role][1].exec(name)
    if (match && match.index > 0) return { module: name.slice(0, match.index), role }
  }
  return undefined
}
