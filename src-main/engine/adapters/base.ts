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
import type { BuiltFamily, Transformers } from '#core/families/family.ts'
import type { AdapterBase, AdapterModule } from './adapter.ts'

/** A module of an adapter, and the shape of the weight that it changes. */
interface NamedShape {
  readonly name: string
  readonly shape: AdapterModule['shape']
}

const refiner = { name: 'SDXL refiner', contextWidth: 1280 }

/** Guesses the model of an adapter. The width of cross-attention's keys is that of the text, which shows the family. */
export function guessBase(modules: readonly NamedShape[]): AdapterBase {
  const named = familyIds.findLast((id) => modules.some(({ name }) => families[id].adapterNames?.test(name)))
  const keys = modules.find(({ name }) => /attn2[._](processor[._])?to_(k|v|kv)$/.test(name))
  const contextWidth = keys?.shape[1] ?? undefined
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
 * The only variant that has all transformer blocks which an adapter changes, or that of which it changes all and no
 * others. Otherwise the variant stays open, because most adapters change a part of their model.
 */
function guessVariant(family: BuiltFamily, modules: readonly NamedShape[]): Variant | undefined {
  const changed = new Set(modules.flatMap(({ name }) => blockOf(name) ?? []))
  if (changed.size === 0 || !family.transformers) return undefined
  const smaller = variantIds.filter((id) => variants[id].of === family)
  const known: [Variant, Transformers | undefined][] = [
    ['base', family.transformers],
    ...smaller.map((id): [Variant, Transformers | undefined] => [id, variants[id].transformers]),
  ]
  const possible = known
    .map(([id, transformers]) => [id, blocksOf(transformers)] as const)
    .filter(([, blocks]) => Array.from(changed).every((block) => blocks.has(block)))
  const [only, ...others] = possible
  if (only && others.length === 0) return only[0]
  return possible.find(([, blocks]) => blocks.size === changed.size)?.[0]
}

const diffusersBlock = /(down|up|mid)_blocks?(?:[._](\d+))?[._]attentions[._](\d+)(?:[._]transformer_blocks[._](\d+))?/
const ldmBlock =
  /(?:(input|output)_blocks[._](\d+)|(middle)_block)[._]1[._](?:transformer_blocks[._](\d+)|proj_(?:in|out)|norm)/
/** Blocks of an LDM level: two, and one that scales; on the up path three. */
const perLevel = 3

/** The transformer block that a module lies in: `down 2 0 9` is the tenth of the first transformer of the third level. */
function blockOf(module: string): string | undefined {
  const [, path, level = '0', index = '0', block = '0'] = diffusersBlock.exec(module) ?? []
  if (path !== undefined) return `${path} ${level} ${index} ${block}`
  const [, outer, number, middle, ldmBlockNumber = '0'] = ldmBlock.exec(module) ?? []
  if (middle) return `mid 0 0 ${ldmBlockNumber}`
  if (!outer) return undefined
  const at = Number(number) - (outer === 'input' ? 1 : 0)
  return `${outer === 'input' ? 'down' : 'up'} ${Math.floor(at / perLevel)} ${at % perLevel} ${ldmBlockNumber}`
}

function blocksOf(transformers: Transformers | undefined): Set<string> {
  if (!transformers) return new Set()
  const paths = { down: transformers.down, mid: [[transformers.middle]], up: transformers.up }
  return new Set(
    Object.entries(paths).flatMap(([path, levels]) =>
      levels.flatMap((depths, level) =>
        depths.flatMap((depth, index) =>
          Array.from({ length: depth }, (_, block) => `${path} ${level} ${index} ${block}`),
        ),
      ),
    ),
  )
}

/** `SDXL (context 2048)`. */
export function describeBase({ family, variant = 'base', contextWidth }: AdapterBase): string {
  const name = variant === 'base' ? family : variants[variant].title
  if (contextWidth === undefined) return name ?? 'an unknown model'
  return name === undefined ? `a model with context ${contextWidth}` : `${name} (context ${contextWidth})`
}
