/** The shape of a network, read from its tensors; what shapes cannot tell comes from the family's rule. */

export interface UnetLevel {
  readonly channels: number
  /** Heads of every attention on this level. */
  readonly heads: number
  /** Transformer blocks behind each residual block on the way down; 0: no attention behind it. */
  readonly down: readonly number[]
  /** The same on the way up, in the order of computation; one residual block more than on the way down. */
  readonly up: readonly number[]
}

export interface UnetConfig {
  /** Those of latents; for inpainting also a mask's and those of the picture under it. */
  readonly inChannels: number
  readonly outChannels: number
  /** Width of the sinusoidal timestep embedding: the channels of `conv_in`. */
  readonly channels: number
  readonly levels: readonly UnetLevel[]
  /** Distilled SDXLs have one residual block without attention, or nothing, where others have two around their transformer. */
  readonly middle: { readonly residualBlocks: 0 | 1 | 2; readonly depth: number }
  /** Whether `proj_in` and `proj_out` of transformers are stored as linear layers; else as 1x1 convolutions. */
  readonly linearProjection: boolean
  readonly contextWidth: number
  /** Width of SDXL's vector, pooled text and the embeddings of six sizes, which is added to the timestep's embedding. */
  readonly vectorWidth?: number
  /** Width of the guidance embedding (`time_embedding.cond_proj`) of a full LCM. */
  readonly guidanceWidth?: number
}

/** Channels that a UNet for inpainting takes of latents with so many. */
export const inpaintingChannels = (latentChannels: number): number => 2 * latentChannels + 1

export const isInpainting = ({ inChannels, outChannels }: UnetConfig): boolean =>
  inChannels === inpaintingChannels(outChannels)

export interface TextEncoderConfig {
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly vocabulary: number
  /** Positions that the encoder knows: tokens of one chunk. */
  readonly positions: number
  readonly activation: 'quick_gelu' | 'gelu'
  /** What fills a chunk behind the end token: 49407 (the end token again) for CLIP-L, 0 for OpenCLIP's towers. */
  readonly padToken: number
  /** Which hidden state the family's UNet was trained with, counted from the end: 1 is the last. */
  readonly skip: number
  /** Whether that state goes through the final norm; the pooled one always does. */
  readonly finalNorm: boolean
  /** What `text_projection` makes of the pooled state, if the file has it. */
  readonly projectionWidth?: number
}

/** Of a VAE as it comes with Stable Diffusion (diffusers' AutoencoderKL). */
export interface AutoencoderConfig {
  readonly kind: 'autoencoder-kl'
  readonly latentChannels: number
  /** Channels of each level from the picture's size down. */
  readonly levels: readonly number[]
  /** Residual blocks of each encoder level; the decoder has one more. */
  readonly blocks: number
  /** Channels behind the encoder's `conv_in`. */
  readonly channels: number
  /** What latents are multiplied with after encoding, divided by before decoding. */
  readonly scaling: number
}

export type TaesdHalf = 'encoder' | 'decoder'

/** Of a tiny autoencoder (TAESD, diffusers' AutoencoderTiny), whose latents are scaled as the UNet sees them. */
export interface TaesdConfig {
  readonly kind: 'taesd'
  readonly latentChannels: number
  readonly channels: number
  /** What the file holds: one half alone, or both. */
  readonly halves: readonly TaesdHalf[]
  readonly scaling: 1
}

export type VaeConfig = AutoencoderConfig | TaesdConfig
