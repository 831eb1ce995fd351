/** Configs of networks, read from the shapes of tensors. The family gives what shapes do not show. */

export interface UnetLevel {
  readonly channels: number
  /** Number of attention heads on this level. */
  readonly heads: number
  /** Number of transformer blocks after each residual block of the down path. */
  readonly down: readonly number[]
  /** Number of transformer blocks on the up path in the order of computation. It has one more residual block. */
  readonly up: readonly number[]
}

export interface UnetConfig {
  /** Channels of the latent, and for inpainting also of the mask and the masked picture. */
  readonly inChannels: number
  readonly outChannels: number
  /** Width of the sinusoidal timestep embedding: the channels of `conv_in`. */
  readonly channels: number
  readonly levels: readonly UnetLevel[]
  /** Usually two residual blocks around a transformer. Distilled SDXLs have one block without attention, or none. */
  readonly middle: { readonly residualBlocks: 0 | 1 | 2; readonly depth: number }
  /** Whether `proj_in` and `proj_out` of transformers are linear layers. Otherwise they are 1x1 convolutions. */
  readonly linearProjection: boolean
  readonly contextWidth: number
  /** Width of SDXL's vector (pooled text and embeddings of six sizes), which is added to the timestep embedding. */
  readonly vectorWidth?: number
  /** Width of the guidance embedding (`time_embedding.cond_proj`) of a full LCM. */
  readonly guidanceWidth?: number
}

/** Input channels of an inpainting UNet. */
export const inpaintingChannels = (latentChannels: number): number => 2 * latentChannels + 1

export const isInpainting = ({ inChannels, outChannels }: UnetConfig): boolean =>
  inChannels === inpaintingChannels(outChannels)

export interface TextEncoderConfig {
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly vocabulary: number
  /** Number of positions, which is the number of tokens in a chunk. */
  readonly positions: number
  readonly activation: 'quick_gelu' | 'gelu'
  /** The token that fills a chunk after the end token: 49407 (the end token) for CLIP-L, 0 for OpenCLIP. */
  readonly padToken: number
  /** The hidden state that the family's UNet was trained with, counted from the end (1 is the last). */
  readonly skip: number
  /** Whether the final norm is applied to this state. It always is to the pooled state. */
  readonly finalNorm: boolean
  /** Width of the projected pooled state. Absent if the file has no `text_projection`. */
  readonly projectionWidth?: number
}

/** Config of Stable Diffusion's VAE (diffusers' AutoencoderKL). */
export interface AutoencoderConfig {
  readonly kind: 'autoencoder-kl'
  readonly latentChannels: number
  /** Channels of each level, from picture size down. */
  readonly levels: readonly number[]
  /** Residual blocks per encoder level. The decoder has one more. */
  readonly blocks: number
  /** Output channels of the encoder's `conv_in`. */
  readonly channels: number
  /** Latents are multiplied by it after encoding and divided by it before decoding. */
  readonly scaling: number
}

export type TaesdHalf = 'encoder' | 'decoder'

/** Config of a tiny autoencoder (TAESD, diffusers' AutoencoderTiny). Its latents are already scaled for the UNet. */
export interface TaesdConfig {
  readonly kind: 'taesd'
  readonly latentChannels: number
  readonly channels: number
  /** The halves in the file: one or both. */
  readonly halves: readonly TaesdHalf[]
  readonly scaling: 1
}

export type VaeConfig = AutoencoderConfig | TaesdConfig
