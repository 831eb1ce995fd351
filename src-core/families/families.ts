import type { BuiltFamily, FamilyVariant, KnownFamily, VaeNames } from './family.ts'
import { flux } from './flux.ts'
import type { Header } from './header.ts'
import { sd1 } from './sd1.ts'
import { sd2 } from './sd2.ts'
import { sd3 } from './sd3.ts'
import { sdxl, sdxlVariants } from './sdxl.ts'

/** Families whose networks can be built, oldest first. */
const built = { sd1, sd2, sdxl }
/** Families that are only recognised, so that an error can name them. */
const foreign = { sd3, flux }

export type BaseFamily = keyof typeof built
export type Family = BaseFamily | keyof typeof foreign
/** The full model of a family, or a smaller one distilled from it. An adapter fits only one of them. */
export type Variant = 'base' | keyof typeof sdxlVariants

export const baseFamilies: Readonly<Record<BaseFamily, BuiltFamily>> = built
export const families: Readonly<Record<Family, KnownFamily>> = { ...built, ...foreign }
export const variants: Readonly<Record<Exclude<Variant, 'base'>, FamilyVariant>> = sdxlVariants

/** Oldest first. Files are matched from newest to oldest, because newer families also have the marks of older ones. */
export const baseFamilyIds = keysOf(baseFamilies)
export const familyIds = keysOf(families)
export const variantIds = keysOf(variants)

/** The family assumed for a file that does not show its family. */
export const defaultFamily: BaseFamily = 'sd1'

/** "SD1.x, SD2.x or SDXL" */
export const builtNames = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(
  Object.values(baseFamilies).map(({ name }) => name),
)

export const isFamily = (id: string): id is Family => Object.hasOwn(families, id)
export const isBaseFamily = (id: string): id is BaseFamily => Object.hasOwn(baseFamilies, id)
export const isVariant = (id: string): id is Variant => id === 'base' || Object.hasOwn(variants, id)

/** The family with this short name: "SD1.x". */
export const familyNamed = (name: string | undefined): Family | undefined =>
  familyIds.find((family) => families[family].name === name)

/** The row of a family that can be built; otherwise undefined. */
export const builtFamily = (id = ''): BuiltFamily | undefined => (isBaseFamily(id) ? baseFamilies[id] : undefined)

/** The full name of a family's model. */
export const familyTitle = (family: Family, variant: Variant = 'base'): string =>
  (variant === 'base' ? families[family] : variants[variant]).title

/** Whether two families have compatible latents. */
export const sameLatents = (one: Family, other: Family): boolean => families[one].latents === families[other].latents

/** The variant that a header of the family belongs to; `base` if none matches. */
export function variantOf(family: BuiltFamily, header: Header): Variant {
  return variantIds.find((id) => variants[id].of === family && variants[id].matches(header)) ?? 'base'
}

/** Families with their own VAE. */
export const vaeFamilyIds = baseFamilyIds.filter((id) => baseFamilies[id].vaeNames !== undefined)

/** The family of a VAE file with this name. Newer families are tried first, because their names are more specific. */
export const vaeFamilyNamed = (name: string, sort: keyof VaeNames): BaseFamily | undefined =>
  vaeFamilyIds.findLast((id) => baseFamilies[id].vaeNames?.[sort].test(name))

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(table) as K[]
}
