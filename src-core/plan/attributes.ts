import type { BaseFamily } from '../families/families.ts'
import type { Distilled } from '../types/distilled.ts'
import type { Emphasis } from './conditioning-edit.ts'

/** Half of a VAE as one network or as two: the outer part runs on tiles, the inner part on the whole picture. */
export type VaePart = 'encoder' | 'encoder-outer' | 'encoder-inner' | 'decoder' | 'decoder-inner' | 'decoder-outer'

/** The networks of a checkpoint, each compiled to its own session. */
export type NetworkKind = 'unet' | 'text-encoder' | `vae-${VaePart}`

/** Tiling for a VAE in pixels: maximum side of a tile, minimum overlap of neighbours. */
export interface Tiles {
  readonly tile: number
  readonly overlap: number
}

/** A prompt before encoding. */
export interface Prompt {
  readonly text: string
  /** Text for the second text encoder, if different. */
  readonly text2?: string
  /** `comfy` if left out. */
  readonly emphasis?: Emphasis
}

/** The VAE of a checkpoint or of a separate file. `scaling` names a family whose scaling replaces the file's. */
export interface VaeSource {
  readonly file: string
  readonly scaling?: BaseFamily
}

/** The text encoders of a checkpoint or of separate files. SDXL has two. */
export interface TextEncoderSource {
  readonly file: string
  readonly file2?: string
  /** Hidden state, counted from the end; 1 is the one that the family was trained with. */
  readonly skip: number
}

/** `mean` takes the mode of the posterior; `sample` draws from it with the seed, as diffusers does. */
export interface VaeEncoding {
  readonly posterior: 'mean' | 'sample'
  readonly seed: string
}

/**
 * The device whose noise in PyTorch is reproduced. `gpu-steps`: the CPU's at the start and the GPU's in the steps.
 * `none` adds no noise at the start, for a latent that already has some.
 */
export type NoiseDevice = 'cpu' | 'gpu' | 'gpu-steps' | 'none'

/** A range of the steps of a run. */
export interface RunPart {
  /** The first step, counted from 0. */
  readonly start: number
  /** The step after the last one. May lie beyond the end of the run. */
  readonly end: number
  /** Returns the latent with the noise that the skipped steps would have removed. */
  readonly keepsNoise: boolean
}

/** The noise of a batch: one draw for all pictures, or for each picture a draw with seed plus index. */
export type BatchSeeds = 'batch' | 'each'

/** Settings of a sampling. */
export interface Sampling {
  readonly seed: string
  readonly guidance: number
  /** 1 starts from pure noise, less from the latent with added noise. */
  readonly strength: number
  /** `cpu` if left out. */
  readonly noise?: NoiseDevice
  /** `batch` if left out. */
  readonly batchSeeds?: BatchSeeds
  /** Absent: all steps. */
  readonly part?: RunPart
}

/** Precision of a saved model. */
export type SavedDtype = 'F16' | 'BF16' | 'F32'

/** Settings for saving a model. */
export interface Saving {
  /** Beginning of the file name. */
  readonly prefix: string
  readonly dtype: SavedDtype
  /** How the saved model is distilled, which the file declares. */
  readonly distilled?: Distilled
}
