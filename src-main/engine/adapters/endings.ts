import type { AdapterKind } from './adapter.ts'

/** What a tensor is within its module. */
type Role = 'up' | 'down' | 'alpha' | Exclude<AdapterKind, 'lora'>

/**
 * How names end, by who writes them: kohya, PEFT (also with an adapter's name in between, and saved without `.weight`), diffusers
 * before PEFT (`to_q_lora.up`), its trainer's layers (`lora_linear_layer.up`); then the LyCORIS family.
 */
const endings: readonly (readonly [Role, RegExp])[] = [
  ['up', /\.lora_up\.weight$/],
  ['down', /\.lora_down\.weight$/],
  ['up', /\.lora_B(\.\w+)?\.weight$|\.lora_B$/],
  ['down', /\.lora_A(\.\w+)?\.weight$|\.lora_A$/],
  ['up', /(_lora|\.lora|\.lora_linear_layer)\.up\.weight$/],
  ['down', /(_lora|\.lora|\.lora_linear_layer)\.down\.weight$/],
  ['alpha', /\.alpha$/],
  ['tucker', /\.lora_mid\.weight$/],
  ['loha', /\.hada_(w[12]_[ab]|t[12])$/],
  ['lokr', /\.lokr_(w[12](_[ab])?|t[12])$/],
  ['dora', /\.dora_scale$|\.lora_magnitude_vector(\.\w+)?$/],
  ['glora', /\.[ab][12]\.weight$/],
  ['oft', /\.(oft_blocks|oft_diag|oft_R(\.\w+)?\.weight)$/],
  ['difference', /\.(diff|diff_b|set_weight|w_norm|b_norm|reshape_weight)$/],
  ['bias', /\.lora_[AB](\.\w+)?\.bias$|\.lora_(up|down)\.bias$/],
]

/** The module that a tensor belongs to and its role there; undefined for names of no known form. */
export function splitEnding(name: string): { module: string; role: Role } | undefined {
  for (const [role, pattern] of endings) {
    const match = pattern.exec(name)
    if (match && match.index > 0) return { module: name.slice(0, match.index), role }
  }
  return undefined
}
