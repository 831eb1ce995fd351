import type { BaseFamily, Variant } from '#core/families/families.ts'
import type { Told } from '#core/families/training.ts'
import type { TextEncoderConfig, UnetConfig, VaeConfig } from './config.ts'
import type { NetworkWeights, TensorRef } from './weights.ts'

export interface Network<Config> {
  readonly config: Config
  readonly weights: NetworkWeights
}

/** The networks of a single file, a diffusers folder or a separate network. Missing parts are absent. */
export interface Checkpoint {
  readonly family: BaseFamily
  readonly variant: Variant
  readonly layout: 'single-file' | 'diffusers'
  /** Real path of the file or folder. */
  readonly path: string
  /** What it says about the training of its UNet. */
  readonly told: Told
  readonly unet?: Network<UnetConfig>
  readonly textEncoder?: Network<TextEncoderConfig>
  /** SDXL's OpenCLIP-G. */
  readonly textEncoder2?: Network<TextEncoderConfig>
  readonly vae?: Network<VaeConfig>
  /** Tensors that no network uses: EMA copies, schedules, position ids. */
  readonly unused: readonly TensorRef[]
  /** Changes when any file of the checkpoint changes. */
  readonly identity: string
}
