import type { SchedulerSpec } from '#core/plan/scheduler.ts'
import type { ValueKind } from '#core/plan/step.ts'
import type { Checkpoint, Network, Prediction } from '../models/checkpoint.ts'
import type { TextEncoderConfig, UnetConfig, VaeConfig } from '../models/config.ts'
import type { NetworkSession } from './session.ts'

/** A float32 tensor in JavaScript's memory, row-major. */
export interface FloatTensor {
  readonly data: Float32Array
  readonly shape: readonly number[]
}

/** A network and the checkpoint that it came from, adapters included: what a session is made of. */
interface NetworkValue<Config> {
  readonly checkpoint: Checkpoint
  readonly network: Network<Config>
}

export interface ModelValue extends NetworkValue<UnetConfig> {
  readonly kind: 'model'
  readonly prediction: Prediction
}

export interface ClipValue extends NetworkValue<TextEncoderConfig> {
  readonly kind: 'clip'
  readonly skip: number
}

export interface VaeValue extends NetworkValue<VaeConfig> {
  readonly kind: 'vae'
}

/** A session and what it was made of. */
export interface SessionValue {
  readonly session: NetworkSession
  readonly of: ModelValue | ClipValue | VaeValue
}

/** What the live adapters of a session are run with, by the document's names of their files. */
type Strengths = ReadonlyMap<string, number>

export interface Conditioning {
  /** `(1, tokens, width)` */
  readonly context: FloatTensor
}

export interface Latent {
  /** `(batch, 4, height / 8, width / 8)`, scaled as the UNet sees it */
  readonly tensor: FloatTensor
  /** Nothing was put into it yet: sampling starts from noise alone. */
  readonly empty: boolean
  /** Identity of the checkpoint whose VAE it was encoded with, or is to be decoded with; a preview is coloured by it. */
  readonly vae?: string
  /** What drew from the noise of a seed before: sampling with the same seed goes on from there, as diffusers' one generator does. */
  readonly drawn?: { readonly seed: string; readonly shape: readonly number[] }
}

interface Image {
  /** `(batch, 3, height, width)` in [0, 1] */
  readonly tensor: FloatTensor
}

/** What a step of each kind leaves behind when it has run. */
export interface RuntimeValues {
  model: ModelValue
  clip: ClipValue
  vae: VaeValue
  session: SessionValue
  conditioning: Conditioning
  scheduler: SchedulerSpec
  strengths: Strengths
  latent: Latent
  image: Image
  nothing: undefined
}

export type RuntimeValue = RuntimeValues[ValueKind]
