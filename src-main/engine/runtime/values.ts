import type { Prediction } from '#core/families/family.ts'
import type { Area, SizeConditioning } from '#core/plan/conditioning-edit.ts'
import type { ValueKind } from '#core/plan/ops.ts'
import type { SchedulerSpec } from '#core/plan/scheduler.ts'
import type { Pixels } from '../images/encode.ts'
import type { Checkpoint, Network } from '../models/checkpoint.ts'
import type { TextEncoderConfig, UnetConfig, VaeConfig } from '../models/config.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import type { NetworkSession } from './session.ts'

/** A network and the checkpoint that it came from, adapters included: what a session is made of. */
interface NetworkValue<Config> {
  readonly checkpoint: Checkpoint
  readonly network: Network<Config>
}

export interface ModelValue extends NetworkValue<UnetConfig> {
  readonly kind: 'model'
  readonly prediction: Prediction
}

/** A prompt's text encoder: one tower, or SDXL's two, which make one session. */
export interface ClipValue {
  readonly kind: 'clip'
  readonly checkpoint: Checkpoint
  readonly textEncoder?: Network<TextEncoderConfig>
  readonly textEncoder2?: Network<TextEncoderConfig>
  /** Hidden state that is the context, counted from the end; `auto`: each tower's own. */
  readonly skip: number | 'auto'
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

/** What the network is told in one part of the picture, for one part of the run. */
export interface ConditioningPart {
  /** `(1, tokens, width)` */
  readonly context: FloatTensor
  /** `(1, width)`, of SDXL's second text encoder. */
  readonly pooled?: FloatTensor
  /** The sizes that SDXL is told; absent: those of the picture that is drawn. */
  readonly size?: SizeConditioning
  /** Where it holds; absent: everywhere. */
  readonly area?: Area
  /** How much it counts in each pixel of the latent, `(1, 1, height, width)` at any size; absent: everywhere alike. */
  readonly mask?: FloatTensor
  /** How much it counts beside the other parts. */
  readonly strength: number
  /** The part of the run in which it holds, from 0 (pure noise) to 1. */
  readonly range: readonly [start: number, end: number]
}

/** Parts whose predictions are averaged where they overlap; a plain prompt is one. */
export interface Conditioning {
  readonly parts: readonly [ConditioningPart, ...ConditioningPart[]]
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
  /** Where it is drawn, `(1 or batch, 1, height / 8, width / 8)` in [0, 1]: 1 anew, 0 kept as it is; absent: everywhere. */
  readonly noiseMask?: FloatTensor
  /** What the noise mask keeps while noise is left in the latent. */
  readonly kept?: Kept
  /** What a UNet of 9 channels is shown beside the latent; absent: that all is to be drawn. */
  readonly inpaint?: Inpaint
  /** The place of each picture in the batch whose noise it is drawn from; absent: 0, 1, 2, … */
  readonly batchIndices?: readonly number[]
  /** Pictures of that batch, which says how much noise a step takes from the seed; absent: as many as the tensor has. */
  readonly batchSize?: number
}

/** A clean latent, and the noise that it is shown with; of the latent's shape. */
interface Kept {
  readonly clean: FloatTensor
  readonly noise: FloatTensor
}

/** The hole and what surrounds it; channels 4 to 8 of an inpainting UNet. */
interface Inpaint {
  /** `(1 or batch, 1, height / 8, width / 8)`, 0 or 1; 1 is what is drawn. */
  readonly mask: FloatTensor
  /** The latent of the picture with the hole filled grey, of the latent's shape or with a batch of 1. */
  readonly masked: FloatTensor
}

interface Image {
  /** `(batch, 3, height, width)` in [0, 1] */
  readonly tensor: FloatTensor
}

/** `(batch, 1, height, width)` in [0, 1]; 1 is what is drawn or kept from the upper picture. */
interface Mask {
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
  mask: Mask
  /** A batch is one row of pictures. */
  cells: readonly Pixels[]
  nothing: undefined
}

export type RuntimeValue = RuntimeValues[ValueKind]
