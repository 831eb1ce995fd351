import type { BaseFamily, Variant } from '#core/families/families.ts'
import type { Prediction } from '#core/families/family.ts'
import type { TextEncoderConfig, UnetConfig, VaeConfig } from './config.ts'
import type { NetworkWeights, TensorRef } from './weights.ts'

export interface Network<Config> {
  readonly config: Config
  readonly weights: NetworkWeights
}

/** What model files hold: a single file, a diffusers folder or a network of its own; parts that are not there are absent. */
export interface Checkpoint {
  readonly family: BaseFamily
  readonly variant: Variant
  readonly layout: 'single-file' | 'diffusers'
  /** Real path of the file or folder. */
  readonly path: string
  readonly prediction: Prediction
  readonly unet?: Network<UnetConfig>
  readonly textEncoder?: Network<TextEncoderConfig>
  /** SDXL's OpenCLIP-G, beside CLIP-L. */
  readonly textEncoder2?: Network<TextEncoderConfig>
  readonly vae?: Network<VaeConfig>
  /** Tensors that belong to no network that is built: EMA copies, schedules, position ids. */
  readonly unused: readonly TensorRef[]
  /** Changes when any file of the checkpoint changes. */
  readonly identity: string
}
