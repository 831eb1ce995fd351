import type { Distilled } from './distilled.ts'

/** Architectures that a file can be recognised as, with their names; what can be built of them is the engine's matter. */
export const families = {
  sd1: 'Stable Diffusion 1.x',
  sd2: 'Stable Diffusion 2.x',
  sdxl: 'Stable Diffusion XL',
  sd3: 'Stable Diffusion 3',
  flux: 'Flux',
} as const
export type Family = keyof typeof families

/** Families whose networks can be built. */
export type BaseFamily = Extract<Family, 'sd1' | 'sd2' | 'sdxl'>

/** What a family's models come as: in full, or distilled to a smaller one; an adapter is made for one of them. */
export const variants = { base: 'full size', 'ssd-1b': 'SSD-1B', vega: 'Segmind-Vega', koala: 'KOALA' } as const
export type Variant = keyof typeof variants

/** What models of a family and variant are called. */
export const familyName = (family: Family, variant: Variant = 'base'): string =>
  variant === 'base' ? families[family] : variants[variant]

/** Channels of each family's latents. */
export const latentChannels: Record<Family, number> = { sd1: 4, sd2: 4, sdxl: 4, sd3: 16, flux: 16 }

/** Whose latents each family draws: SD2.x has the VAE of SD1.x. */
export const latentFamilies: Record<Family, Family> = { sd1: 'sd1', sd2: 'sd1', sdxl: 'sdxl', sd3: 'sd3', flux: 'flux' }

/** Said of a fact that is not there yet: a file that was not read, a size that only the run will tell. */
export const UNKNOWN = 'unknown'
export type Known<T> = T | typeof UNKNOWN

export type FileKind = 'checkpoint' | 'unet' | 'text-encoder' | 'vae' | 'lora' | 'image'

interface OfFamily {
  readonly family: Known<Family>
}

export interface Size {
  /** Pixels. */
  readonly width: Known<number>
  readonly height: Known<number>
}

/** What is known of a value of each kind. */
interface TypeFields {
  model: OfFamily & { readonly variant?: Variant; readonly distilled?: Distilled }
  clip: OfFamily
  vae: OfFamily
  conditioning: OfFamily
  /** The size is that of the picture that it becomes; without a family it is empty, and any model's. */
  latent: Size & { readonly channels: Known<number>; readonly family?: Known<Family> }
  image: Size
  mask: Record<never, never>
  /** `summary` says how it draws: "LCM, 4 steps". */
  scheduler: { readonly summary?: string }
  controlnet: Record<never, never>
  /** Multiples of `multipleOf` from `min` to `max`. */
  int: { readonly min: number; readonly max: number; readonly multipleOf: number }
  float: { readonly min: number; readonly max: number }
  text: Record<never, never>
  /** 0 to 2^64 - 1, as a decimal string. */
  seed: Record<never, never>
  /** Names of the options; a chosen one is a choice with one option. */
  choice: { readonly options: readonly string[] }
  file: { readonly of: FileKind; readonly name: Known<string> }
  list: { readonly of: Type }
  /** What a node that this version does not have gives or takes. */
  unknown: Record<never, never>
  /** An output that this node does not have as it stands, and why: the VAE of a checkpoint without one. */
  nothing: { readonly reason: string }
}

export type Kind = keyof TypeFields
export type TypeOf<K extends Kind> = { [P in K]: { readonly kind: P } & TypeFields[P] }[K]
export type Type = TypeOf<Kind>

/** The number that a type stands for, if it is narrowed to one. */
export function exactly(type: TypeOf<'int' | 'float'>): Known<number> {
  return type.min === type.max ? type.min : UNKNOWN
}
