import type { BaseFamily } from '../families/families.ts'
import type { Emphasis } from './conditioning-edit.ts'

/** Half a VAE as one network, or cut in two: tiles of a picture go through the outer part, all of it at once through the inner one. */
export type VaePart = 'encoder' | 'encoder-outer' | 'encoder-inner' | 'decoder' | 'decoder-inner' | 'decoder-outer'

/** The networks of a checkpoint, each compiled to a session of its own. */
export type NetworkKind = 'unet' | 'text-encoder' | `vae-${VaePart}`

/** How a picture is cut for a VAE, in pixels: sides of a tile at most, and what neighbours share at least. */
export interface Tiles {
  readonly tile: number
  readonly overlap: number
}

/** `auto`: what the checkpoint says, else its family's rule. */
export type PredictionChoice = 'auto' | 'epsilon' | 'v_prediction'

/** What a prompt is encoded from. */
export interface Prompt {
  readonly text: string
  /** What the second text encoder reads, if it is not the same. */
  readonly text2?: string
  /** `comfy` if left out. */
  readonly emphasis?: Emphasis
}

/** A VAE of a checkpoint, or of a file of its own; `scaling` is a family's, if not what the file says. */
export interface VaeSource {
  readonly file: string
  readonly scaling?: BaseFamily
}

/** The text encoders of a checkpoint, or of files of their own: SDXL has two. */
export interface TextEncoderSource {
  readonly file: string
  readonly file2?: string
  /** Counts hidden states from the end, 1 is what the family was trained with. */
  readonly skip: number
}

/** `mean`: the mode of the posterior; `sample`: drawn with the seed, as diffusers does. */
export interface VaeEncoding {
  readonly posterior: 'mean' | 'sample'
  readonly seed: string
}

/**
 * Whose noise PyTorch draws from a seed: a processor's, a GPU's, or a processor's at the start and a GPU's in the steps.
 * `none` adds none at the start, for a latent that has some left.
 */
export type NoiseDevice = 'cpu' | 'gpu' | 'gpu-steps' | 'none'

/** Some of the steps of a run. */
export interface RunPart {
  /** The first step, counted from 0. */
  readonly start: number
  /** The step before which it ends; beyond the last step, where the run ends. */
  readonly end: number
  /** Gives the latent with the noise that the steps left out would have taken away. */
  readonly keepsNoise: boolean
}

/** The noise of a batch: one draw of the seed for all, or for each picture that of the seed plus its place. */
export type BatchSeeds = 'batch' | 'each'

/** How a latent is drawn. */
export interface Sampling {
  readonly seed: string
  readonly guidance: number
  /** 1 starts from noise alone; below, from the latent with noise added. */
  readonly strength: number
  /** `cpu` if left out. */
  readonly noise?: NoiseDevice
  /** `batch` if left out. */
  readonly batchSeeds?: BatchSeeds
  /** Absent: all steps. */
  readonly part?: RunPart
}

/** What the numbers of a saved model are rounded to. */
export type SavedDtype = 'F16' | 'BF16' | 'F32'

/** How a model is saved. */
export interface Saving {
  /** How the file's name begins. */
  readonly prefix: string
  readonly dtype: SavedDtype
}
