import type { Training } from '#core/families/training.ts'
import type { Area, SizeConditioning } from '#core/plan/conditioning-edit.ts'
import type { ValueKind } from '#core/plan/ops.ts'
import type { SchedulerSpec } from '#core/plan/scheduler.ts'
import type { Pixels } from '../images/encode.ts'
import type { Checkpoint, Network } from '../models/checkpoint.ts'
import type { TextEncoderConfig, UnetConfig, VaeConfig } from '../models/config.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import type { ResidentNetwork } from './resident-network.ts'

/** A network with its adapters, and its checkpoint. A session is made from it. */
interface NetworkValue<Config> {
  readonly checkpoint: Checkpoint
  readonly network: Network<Config>
}

export interface ModelValue extends NetworkValue<UnetConfig> {
  readonly kind: 'model'
  readonly training: Training
  /** See the op `unet`. */
  readonly keyStride: number
}

/** A text encoder of one tower, or of SDXL's two, which make one session. */
export interface ClipValue {
  readonly kind: 'clip'
  readonly checkpoint: Checkpoint
  readonly textEncoder?: Network<TextEncoderConfig>
  readonly textEncoder2?: Network<TextEncoderConfig>
  /** The hidden state used as context, counted from the end. `auto`: the default of each tower. */
  readonly skip: number | 'auto'
}

export interface VaeValue extends NetworkValue<VaeConfig> {
  readonly kind: 'vae'
}

/** A session and the value that it was made from. */
export interface SessionValue {
  readonly session: ResidentNetwork
  readonly of: ModelValue | ClipValue | VaeValue
}

/** Strengths of a session's live adapters, by file name as in the document. */
type Strengths = ReadonlyMap<string, number>

/** A conditioning for a region of the picture and a range of the run. */
export interface ConditioningPart {
  /** `(1, tokens, width)` */
  readonly context: FloatTensor
  /** `(1, width)`, from SDXL's second text encoder. */
  readonly pooled?: FloatTensor
  /** SDXL's size conditioning. Absent: the size of the drawn picture. */
  readonly size?: SizeConditioning
  /** Region of the picture. Absent: all of it. */
  readonly area?: Area
  /** Weight of each latent pixel, `(1, 1, height, width)` of any size. Absent: 1 everywhere. */
  readonly mask?: FloatTensor
  /** Weight relative to the other parts. */
  readonly strength: number
  /** Range of the run, from 0 (pure noise) to 1. */
  readonly range: readonly [start: number, end: number]
}

/** Parts whose predictions are averaged where they overlap. A plain prompt is a single part. */
export interface Conditioning {
  readonly parts: readonly [ConditioningPart, ...ConditioningPart[]]
}

export interface Latent {
  /** `(batch, 4, height / 8, width / 8)`, scaled as the UNet sees it */
  readonly tensor: FloatTensor
  /** No content yet: sampling starts from pure noise. */
  readonly empty: boolean
  /** Identity of the checkpoint whose VAE encodes and decodes it. It selects the colours of previews. */
  readonly vae?: string
  /** Noise already drawn with a seed. Sampling with this seed continues after it, as in diffusers. */
  readonly drawn?: { readonly seed: string; readonly shape: readonly number[] }
  /** `(1 or batch, 1, height / 8, width / 8)`, from 0 (kept) to 1 (drawn). Absent: drawn everywhere. */
  readonly noiseMask?: FloatTensor
  /** The kept content under the noise mask, while noise is left in the latent. */
  readonly kept?: Kept
  /** Extra input of a UNet with 9 channels. Absent: everything is drawn. */
  readonly inpaint?: Inpaint
  /** Index of each picture in the noise batch. Absent: 0, 1, 2, … */
  readonly batchIndices?: readonly number[]
  /** Size of the noise batch, which sets the amount of noise per step. Absent: the batch of the tensor. */
  readonly batchSize?: number
}

/** A clean latent and the noise to add to it, both in the latent's shape. */
interface Kept {
  readonly clean: FloatTensor
  readonly noise: FloatTensor
}

/** Channels 4 to 8 of an inpainting UNet: the mask, and the masked picture. */
interface Inpaint {
  /** `(1 or batch, 1, height / 8, width / 8)`, 1 where to draw, else 0. */
  readonly mask: FloatTensor
  /** The latent of the picture with grey in the mask, in the latent's shape or with a batch of 1. */
  readonly masked: FloatTensor
}

interface Image {
  /** `(batch, 3, height, width)` in [0, 1] */
  readonly tensor: FloatTensor
}

/** `(batch, 1, height, width)` in [0, 1], with 1 where to draw or where the upper picture shows. */
interface Mask {
  readonly tensor: FloatTensor
}

/** The result of a step, by kind. */
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
  /** One entry per batch: its pictures side by side. */
  cells: readonly Pixels[]
  nothing: undefined
}

export type RuntimeValue = RuntimeValues[ValueKind]
