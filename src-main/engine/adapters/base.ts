import type { AdapterBase } from './adapter.ts'

/** A module of an adapter, and the shape of what reads its input. */
interface NamedShape {
  readonly name: string
  readonly shape: readonly number[] | undefined
}

/** Families by names that only they have. */
const namedFamilies: readonly (readonly [family: string, pattern: RegExp])[] = [
  ['Flux', /(double_blocks|single_blocks|single_transformer_blocks)[._]\d/],
  ['SD3', /joint_blocks[._]\d|transformer_blocks[._]\d+[._]attn[._]add_[qkv]_proj/],
  ['SDXL', /^(lora_te2_|text_encoder_2\.)/],
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
  const contextWidth = modules.find(({ name }) => /attn2[._](processor[._])?to_k$/.test(name))?.shape?.[1]
  const family = named ?? contextFamilies.get(contextWidth ?? 0)
  return {
    ...(family === undefined ? {} : { family }),
    ...(contextWidth === undefined ? {} : { contextWidth }),
  }
}

/** `SDXL (context 2048)`. */
export function describeBase({ family, contextWidth }: AdapterBase): string {
  if (contextWidth === undefined) return family ?? 'an unknown model'
  return family === undefined ? `a model with context ${contextWidth}` : `${family} (context ${contextWidth})`
}
