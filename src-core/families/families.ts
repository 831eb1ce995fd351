import type { BuiltFamily, FamilyVariant, KnownFamily, VaeNames } from './family.ts'
import { flux } from './flux.ts'
import type { Header } from './header.ts'
import { sd1 } from './sd1.ts'
import { sd2 } from './sd2.ts'
import { sd3 } from './sd3.ts'
import { sdxl, sdxlVariants } from './sdxl.ts'

/** Families whose networks can be built, the oldest first. */
const built = { sd1, sd2, sdxl }
/** Families that are recognised, to say what a file is. */
const foreign = { sd3, flux }

export type BaseFamily = keyof typeof built
export type Family = BaseFamily | keyof typeof foreign
/** What a family's models come as: in full, or distilled to a smaller one; an adapter is made for one of them. */
export type Variant = 'base' | keyof typeof sdxlVariants

export const baseFamilies: Readonly<Record<BaseFamily, BuiltFamily>> = built
export const families: Readonly<Record<Family, KnownFamily>> = { ...built, ...foreign }
export const variants: Readonly<Record<Exclude<Variant, 'base'>, FamilyVariant>> = sdxlVariants

/** The oldest first; files are recognised from the newest back, since newer families have what older ones are known by, and more. */
export const baseFamilyIds = keysOf(baseFamilies)
export const familyIds = keysOf(families)
export const variantIds = keysOf(variants)

/** What files are read as that do not tell their family. */
export const defaultFamily: BaseFamily = 'sd1'

/** "SD1.x, SD2.x or SDXL" */
export const builtNames = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(
  Object.values(baseFamilies).map(({ name }) => name),
)

export const isFamily = (id: string): id is Family => Object.hasOwn(families, id)
export const isBaseFamily = (id: string): id is BaseFamily => Object.hasOwn(baseFamilies, id)
export const isVariant = (id: string): id is Variant => id === 'base' || Object.hasOwn(variants, id)

/** The family whose files are called so: "SD1.x". */
export const familyNamed = (name: string | undefined): Family | undefined =>
  familyIds.find((family) => families[family].name === name)

/** A family's record if it can be built. */
export const builtFamily = (id = ''): BuiltFamily | undefined => (isBaseFamily(id) ? baseFamilies[id] : undefined)

/** What models of a family and variant are called. */
export const familyTitle = (family: Family, variant: Variant = 'base'): string =>
  (variant === 'base' ? families[family] : variants[variant]).title

/** Whether one family's latents are the other's. */
export const sameLatents = (one: Family, other: Family): boolean => families[one].latents === families[other].latents

/** Which of a family's models a header is of; in full unless it is like a variant. */
export function variantOf(family: BuiltFamily, header: Header): Variant {
  return variantIds.find((id) => variants[id].of === family && variants[id].matches(header)) ?? 'base'
}

/** Those with a VAE of their own. */
export const vaeFamilyIds = baseFamilyIds.filter((id) => baseFamilies[id].vaeNames !== undefined)

/** The family that files of a VAE with such a name are of; names of newer families are the more particular. */
export const vaeFamilyNamed = (name: string, sort: keyof VaeNames): BaseFamily | undefined =>
  vaeFamilyIds.findLast((id) => baseFamilies[id].vaeNames?.[sort].test(name))

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(table) as K[]
}
