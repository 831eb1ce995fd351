/** The shape of a network, read from its tensors; what shapes cannot tell comes from the family's rule. */

export interface UnetLevel {
  readonly channels: number
  /** Residual blocks on the way down; the way up has one more. */
  readonly blocks: number
  /** Transformer blocks behind each residual block; 0: no attention on this level. */
  readonly depth: number
}

export interface UnetConfig {
  /** 4, or 9 for inpainting */
  readonly inChannels: number
  readonly outChannels: number
  /** Width of the sinusoidal timestep embedding: the channels of `conv_in`. */
  readonly channels: number
  readonly levels: readonly UnetLevel[]
  readonly middleDepth: number
  /** Heads of every attention. */
  readonly heads: number
  readonly contextWidth: number
  /** Width of the guidance embedding (`time_embedding.cond_proj`) of a full LCM. */
  readonly guidanceWidth?: number
}

export interface TextEncoderConfig {
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly vocabulary: number
  /** Positions that the encoder knows: tokens of one chunk. */
  readonly positions: number
  readonly activation: 'quick_gelu' | 'gelu'
}

export interface VaeConfig {
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
