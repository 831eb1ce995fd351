import type { Family, Variant } from '../families/families.ts'
import type { Training } from '../families/training.ts'
import type { Distilled } from './distilled.ts'

/** Stands for a missing fact: the file is not read yet, or a size is known only at run time. */
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

/** Types of constants: the known facts about a value of each kind. */
interface ConstantFields {
  /** Multiples of `multipleOf` from `min` to `max`. */
  int: { readonly min: number; readonly max: number; readonly multipleOf: number }
  float: { readonly min: number; readonly max: number }
  text: Record<never, never>
  /** 0 to 2^64 - 1, as a decimal string. */
  seed: Record<never, never>
  /** Names of the options. A chosen value has a single option. */
  choice: { readonly options: readonly string[] }
  file: { readonly of: FileKind; readonly name: Known<string> }
}

/** Types that only links carry: the known facts about a value of each kind. */
interface LinkFields {
  /** `pictureSize` is the side of the training pictures in pixels. */
  model: OfFamily & {
    readonly variant?: Variant
    readonly distilled?: Distilled
    readonly pictureSize?: number
    readonly training?: Training
  }
  clip: OfFamily
  vae: OfFamily
  conditioning: OfFamily
  /** The size is that of the picture. Without a family the latent is empty and fits any model. */
  latent: Size & { readonly channels: Known<number>; readonly family?: Known<Family> }
  image: Size
  mask: Record<never, never>
  /** `summary` is for display: "LCM, 4 steps". */
  scheduler: { readonly summary?: string }
  controlnet: Record<never, never>
  list: { readonly of: Type }
  /** The inputs and outputs of nodes that this version does not know. */
  unknown: Record<never, never>
  /** An output that is missing in the node's current state, with the reason: the VAE of a checkpoint without one. */
  nothing: {
    readonly reason: string
    /** What to do about it, as a sentence. Absent: link another value of the wanted kind. */
    readonly fix?: string
  }
}

type TypeFields = ConstantFields & LinkFields

export type ConstantKind = keyof ConstantFields
export type Kind = keyof TypeFields
export type TypeOf<K extends Kind> = { [P in K]: { readonly kind: P } & TypeFields[P] }[K]
export type Type = TypeOf<Kind>

/** The value of a number type that is narrowed to one value. */
export function exactly(type: TypeOf<'int' | 'float'>): Known<number> {
  return type.min === type.max ? type.min : UNKNOWN
}
