import type { Header } from './header.ts'
import type { Prediction } from './training.ts'

/** Names of tensors: as in `ldm` (CompVis latent diffusion, and OpenCLIP) or in `diffusers` (and transformers). */
export type Naming = 'ldm' | 'diffusers'

/** Side of a latent pixel in pixels of the picture, the same for every family. */
export const vaeScaleFactor = 8

/** Linear map from latent to RGB (0 to 1): a row of red, green and blue per channel, then a row for the bias. */
export type RgbFactors = readonly (readonly number[])[]

/** A family of models whose files can be recognised. */
export interface KnownFamily {
  /** Full name. */
  readonly title: string
  /** Short name: `SD1.x`. */
  readonly name: string
  /** Whether a header belongs to this family. The newest family is asked first. */
  readonly matches: (header: Header) => boolean
  /** Matches module names that occur only in adapters of this family. */
  readonly adapterNames?: RegExp
  /** Families whose latents are compatible share this object. */
  readonly latents: { readonly channels: number }
}

/** A family whose networks can be built. */
export interface BuiltFamily extends KnownFamily {
  readonly latents: Latents
  /** File names of its VAE. Absent if it uses the VAE of an older family. */
  readonly vaeNames?: VaeNames
  /** Width of the UNet's text context. */
  readonly contextWidth: number
  /** Number of attention heads on a UNet level with this many channels. */
  readonly heads: (channels: number) => number
  /** Prediction type of a UNet whose file does not state it. */
  readonly prediction: Prediction
  /** Side of the training pictures in pixels. */
  readonly pictureSize: Readonly<Record<Prediction, number>>
  /** Whether its UNet was trained with zeros for "no text". Otherwise with the empty prompt. */
  readonly zeroForNoText: boolean
  readonly textEncoder: Tower
  readonly textEncoder2?: Tower
  /** https://github.com/Stability-AI/ModelSpec */
  readonly modelspec: string
  /** Transformers of the full model. Absent without variants. */
  readonly transformers?: Transformers
}

interface Latents {
  readonly channels: number
  /** Factor that brings encoded latents to unit variance. */
  readonly scaling: number
  /** Fitted to the family's VAE. Previews use it until the factors of the file are known. */
  readonly rgbFactors: RgbFactors
  /** Tiny autoencoders for previews: their paths in a models folder. The first one present is used. */
  readonly tinyDecoders: readonly [string, ...string[]]
}

export interface VaeNames {
  readonly full: RegExp
  /** Tiny autoencoders (TAESD). */
  readonly tiny: RegExp
}

/** A CLIP text encoder, as a family uses it. */
export interface Tower {
  readonly name: string
  /** Width of the token embeddings. */
  readonly width: number
  readonly activation: 'quick_gelu' | 'gelu'
  /** The token that fills a chunk after the end token. */
  readonly padToken: number
  /** The hidden state that the UNet reads, counted from the end (1 is the last), by the layers in the file. */
  readonly skip: (layers: number) => number
  /** Whether the final norm is applied to this state. */
  readonly finalNorm: boolean
  /** Its prefix and naming scheme in a checkpoint of the whole model. */
  readonly place: { readonly prefix: string; readonly naming: Naming }
  /** Its prefix in kohya's adapters. */
  readonly kohya: string
}

/** A smaller model, distilled from a family's full model. It needs its own adapters. */
export interface FamilyVariant {
  readonly of: BuiltFamily
  readonly title: string
  /** Name with an article: "an SSD-1B". */
  readonly model: string
  /** Whether a header of the family belongs to this variant. The first match wins. */
  readonly matches: (header: Header) => boolean
  /** They show which variant an adapter was made for. */
  readonly transformers?: Transformers
}

/** The number of blocks of each transformer of a UNet: by level of its down path, in the middle, by level of its up path. */
export interface Transformers {
  readonly down: readonly (readonly number[])[]
  readonly middle: number
  readonly up: readonly (readonly number[])[]
}
