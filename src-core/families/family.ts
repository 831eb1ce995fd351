import type { Header } from './header.ts'

/** What a UNet was trained to predict. */
export type Prediction = 'epsilon' | 'v_prediction'

/** Whose names a network has: `ldm` (CompVis' latent diffusion, and OpenCLIP's for text) or `diffusers` (and transformers'). */
export type Naming = 'ldm' | 'diffusers'

/** Pixels of a picture, each way, per value of a latent: the same for every family. */
export const vaeScaleFactor = 8

/** How much red, green and blue, in 0..1, each latent channel adds, a row per channel; the last row is there always. */
export type RgbFactors = readonly (readonly number[])[]

/** A family of models, as far as a file of it can be recognised. */
export interface KnownFamily {
  /** Its full name. */
  readonly title: string
  /** What files of it are called: `SD1.x`. */
  readonly name: string
  /** Whether a header is one of this family's; families are asked from the newest to the oldest. */
  readonly matches: (header: Header) => boolean
  /** Names of modules that only its adapters have. */
  readonly adapterNames?: RegExp
  /** Families that share this object draw the same latents. */
  readonly latents: { readonly channels: number }
}

/** A family whose networks can be built. */
export interface BuiltFamily extends KnownFamily {
  readonly latents: Latents
  /** How files of its VAE are called; absent where it has the VAE of an older family. */
  readonly vaeNames?: VaeNames
  /** Width of the text that its UNet reads. */
  readonly contextWidth: number
  /** Attention heads on a level of the UNet with so many channels. */
  readonly heads: (channels: number) => number
  /** What its UNets predict where their file does not say. */
  readonly prediction: Prediction
  /** Side of the pictures that it was trained on, in pixels. */
  readonly pictureSize: Readonly<Record<Prediction, number>>
  /** Whether no text is zeros to its UNet, rather than the empty prompt. */
  readonly zeroForNoText: boolean
  readonly textEncoder: Tower
  readonly textEncoder2?: Tower
  /** https://github.com/Stability-AI/ModelSpec */
  readonly modelspec: string
  /** What tells its full model from its variants in adapters; absent where it has none. */
  readonly lowestDepth?: number
}

interface Latents {
  readonly channels: number
  /** The deviation of latents, inverted: they are multiplied with it after encoding. */
  readonly scaling: number
  /** A fit to the family's VAE, for previews before that of a file is known. */
  readonly rgbFactors: RgbFactors
  /** Tiny autoencoders for previews, as they are published, in a folder of models; the first that is there is taken. */
  readonly tinyDecoders: readonly [string, ...string[]]
}

export interface VaeNames {
  readonly full: RegExp
  /** Of tiny autoencoders (TAESD). */
  readonly tiny: RegExp
}

/** A CLIP text encoder, and how a family reads it. */
export interface Tower {
  readonly name: string
  /** Of its tokens. */
  readonly width: number
  readonly activation: 'quick_gelu' | 'gelu'
  /** What fills a chunk behind the end token. */
  readonly padToken: number
  /** Which hidden state the UNet reads, counted from the end (1 is the last), by the layers that a file has. */
  readonly skip: (layers: number) => number
  /** Whether that state goes through the final norm. */
  readonly finalNorm: boolean
  /** Where a whole checkpoint has it, and whose names it has there. */
  readonly place: { readonly prefix: string; readonly naming: Naming }
  /** What kohya calls it in an adapter's names. */
  readonly kohya: string
}

/** A model of a family that was distilled to a smaller one, with adapters of its own. */
export interface FamilyVariant {
  readonly of: BuiltFamily
  readonly title: string
  /** With its article: "an SSD-1B". */
  readonly model: string
  /** Whether a header of the family is this variant's; the first that matches is it. */
  readonly matches: (header: Header) => boolean
  /** Blocks of the transformers on the lowest level's way down, which tell an adapter's variant. */
  readonly lowestDepth?: number
}
