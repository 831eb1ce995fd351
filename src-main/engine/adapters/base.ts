import {
  baseFamilies,
  baseFamilyIds,
  builtFamily,
  families,
  familyIds,
  type Variant,
  variantIds,
  variants,
} from '#core/families/families.ts'
import type { BuiltFamily } from '#core/families/family.ts'
import type { AdapterBase } from './adapter.ts'

/** A module of an adapter, and the shape of the weight that it changes. */
interface NamedShape {
  readonly name: string
  readonly shape: readonly number[]
}

const refiner = { name: 'SDXL refiner', contextWidth: 1280 }

/** Guesses the model of an adapter. The width of cross-attention's keys is that of the text, which shows the family. */
export function guessBase(modules: readonly NamedShape[]): AdapterBase {
  const named = familyIds.findLast((id) => modules.some(({ name }) => families[id].adapterNames?.test(name)))
  const keys = modules.find(({ name }) => /attn2[._](processor[._])?to_(k|v|kv)$/.test(name))
  const contextWidth = keys?.shape[1]
  const id = named ?? baseFamilyIds.find((base) => baseFamilies[base].contextWidth === contextWidth)
  const family = id ? families[id].name : contextWidth === refiner.contextWidth ? refiner.name : undefined
  const built = builtFamily(id)
  const variant = built && guessVariant(built, modules)
  return {
    ...(family === undefined ? {} : { family }),
    ...(variant === undefined ? {} : { variant }),
    ...(contextWidth === undefined ? {} : { contextWidth }),
  }
}

/**
 * Guesses the variant by the depth of the transformers at the lowest level of the down path. Distilled models lack some
 * of these blocks, and the middle block.
 */
function guessVariant(family: BuiltFamily, modules: readonly NamedShape[]): Variant | undefined {
  const names = modules.map(({ name }) => name)
  if (family.lowestDepth === undefined) return undefined
  if (names.some((name) => /mid_block[._]attentions[._]0|middle_block[._]1[._]/.test(name))) return 'base'
  const lowest = /(?:down_blocks[._]2[._]attentions[._]\d|input_blocks[._][78][._]1)[._]transformer_blocks[._](\d+)/
  const depth = 1 + Math.max(-1, ...names.map((name) => Number(lowest.exec(name)?.[1] ?? -1)))
  if (depth === family.lowestDepth) return 'base'
  return variantIds.find((id) => variants[id].of === family && variants[id].lowestDepth === depth)
}

/** `SDXL (context 2048)`. */
export function describeBase({ family, variant = 'base', contextWidth }: AdapterBase): string {
  const name = variant === 'base' ? family : variants[variant].title
  if (contextWidth === undefined) return name ?? 'an unknown model'
  return name === undefined ? `a model with context ${contextWidth}` : `${name} (context ${contextWidth})`
}
