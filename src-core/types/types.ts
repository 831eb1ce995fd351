import type { Family, Variant } from '../families/families.ts'
import type { Distilled } from './distilled.ts'

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

/** What is known of a value of each kind that an input may hold as a constant. */
interface ConstantFields {
  /** Multiples of `multipleOf` from `min` to `max`. */
  int: { readonly min: number; readonly max: number; readonly multipleOf: number }
  float: { readonly min: number; readonly max: number }
  text: Record<never, never>
  /** 0 to 2^64 - 1, as a decimal string. */
  seed: Record<never, never>
  /** Names of the options; a chosen one is a choice with one option. */
  choice: { readonly options: readonly string[] }
  file: { readonly of: FileKind; readonly name: Known<string> }
}

/** What is known of a value of each kind that only links carry. */
interface LinkFields {
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
  list: { readonly of: Type }
  /** What a node that this version does not have gives or takes. */
  unknown: Record<never, never>
  /** An output that this node does not have as it stands, and why: the VAE of a checkpoint without one. */
  nothing: { readonly reason: string }
}

type TypeFields = ConstantFields & LinkFields

export type ConstantKind = keyof ConstantFields
export type Kind = keyof TypeFields
export type TypeOf<K extends Kind> = { [P in K]: { readonly kind: P } & TypeFields[P] }[K]
export type Type = TypeOf<Kind>

/** The number that a type stands for, if it is narrowed to one. */
export function exactly(type: TypeOf<'int' | 'float'>): Known<number> {
  return type.min === type.max ? type.min : UNKNOWN
}
