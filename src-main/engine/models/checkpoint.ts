import type { TextEncoderConfig, UnetConfig, VaeConfig } from './config.ts'
import type { NetworkWeights, TensorRef } from './weights.ts'

type Family = 'sd1'
export type Prediction = 'epsilon' | 'v_prediction'

export interface Network<Config> {
  readonly config: Config
  readonly weights: NetworkWeights
}

/** What a checkpoint, single file or diffusers folder, holds; parts that it lacks are absent. */
export interface Checkpoint {
  readonly family: Family
  readonly layout: 'single-file' | 'diffusers'
  /** Real path of the file or folder. */
  readonly path: string
  readonly prediction: Prediction
  readonly unet?: Network<UnetConfig>
  readonly textEncoder?: Network<TextEncoderConfig>
  readonly vae?: Network<VaeConfig>
  /** Tensors that belong to no network that is built: EMA copies, schedules, position ids. */
  readonly unused: readonly TensorRef[]
  /** Changes when any file of the checkpoint changes. */
  readonly identity: string
}
