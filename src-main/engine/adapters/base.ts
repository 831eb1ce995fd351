import { type Variant, variants } from '#core/types/types.ts'
import type { AdapterBase } from './adapter.ts'

/** A module of an adapter, and the shape of the weight that it is for. */
interface NamedShape {
  readonly name: string
  readonly shape: readonly number[]
}

/** Families by names that only they have. */
const namedFamilies: readonly (readonly [family: string, pattern: RegExp])[] = [
  ['Flux', /(double_blocks|single_blocks|single_transformer_blocks)[._]\d/],
  ['SD3', /joint_blocks[._]\d|transformer_blocks[._]\d+[._]attn[._]add_[qkv]_proj/],
  ['SDXL', /^(lora_te2_|lycoris_text_encoder_2_|text_encoder_2\.)/],
]

/** Families by the width of their text. */
const contextFamilies: ReadonlyMap<number, string> = new Map([
  [768, 'SD1.x'],
  [1024, 'SD2.x'],
  [1280, 'SDXL refiner'],
  [2048, 'SDXL'],
])

/** What an adapter was made for: cross-attention's keys read the text, so their width tells the family. */
export function guessBase(modules: readonly NamedShape[]): AdapterBase {
  const named = namedFamilies.find(([, pattern]) => modules.some(({ name }) => pattern.test(name)))?.[0]
  const keys = modules.find(({ name }) => /attn2[._](processor[._])?to_(k|v|kv)$/.test(name))
  const contextWidth = keys?.shape[1]
  const family = named ?? contextFamilies.get(contextWidth ?? 0)
  const variant = family === 'SDXL' ? guessVariant(modules.map(({ name }) => name)) : undefined
  return {
    ...(family === undefined ? {} : { family }),
    ...(variant === undefined ? {} : { variant }),
    ...(contextWidth === undefined ? {} : { contextWidth }),
  }
}

/** SDXLs by the depth of their transformers on the lowest level's way down: distillation took blocks away, and the middle. */
const variantDepths: ReadonlyMap<number, Variant> = new Map([
  [10, 'base'],
  [4, 'ssd-1b'],
  [2, 'vega'],
])

function guessVariant(names: readonly string[]): Variant | undefined {
  if (names.some((name) => /mid_block[._]attentions[._]0|middle_block[._]1[._]/.test(name))) return 'base'
  const lowest = /(?:down_blocks[._]2[._]attentions[._]\d|input_blocks[._][78][._]1)[._]transformer_blocks[._](\d+)/
  const depth = 1 + Math.max(-1, ...names.map((name) => Number(lowest.exec(name)?.[1] ?? -1)))
  return variantDepths.get(depth)
}

/** `SDXL (context 2048)`. */
export function describeBase({ family, variant = 'base', contextWidth }: AdapterBase): string {
  const name = variant === 'base' ? family : variants[variant]
  if (contextWidth === undefined) return name ?? 'an unknown model'
  return name === undefined ? `a model with context ${contextWidth}` : `${name} (context ${contextWidth})`
}
