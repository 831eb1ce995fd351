import type { VaePart } from '#core/plan/attributes.ts'
import type { Network } from '../checkpoint.ts'
import type { VaeConfig } from '../config.ts'
import { autoencoder } from './autoencoder-kl.ts'
import type { Model } from './model.ts'
import { taesd } from './taesd.ts'

/**
 * A part of a VAE. Cut in two, a decoder's inner part turns `latent` into `features` at the same size, its outer one `features`
 * into `image`; an encoder's outer part `image` into `features`, its inner one `features` into `mean` and `logvar`. The batch of
 * those is 1.
 * @throws LoomError what {@link buildVaeDecoder} throws
 */
export function buildVaePart(part: VaePart, { config, weights }: Network<VaeConfig>): Model {
  return config.kind === 'taesd' ? taesd[part]({ config, weights }) : autoencoder[part]({ config, weights })
}

/**
 * The encoder of a variational autoencoder. Input: `image` float32 [batch, 3, imageHeight, imageWidth] in 0..1. Outputs: `mean`
 * and, where it knows a spread, `logvar` (clamped to -30..20) [batch, latentChannels, imageHeight / 8, imageWidth / 8] with
 * four levels, raw: not multiplied with the scaling factor. Throws what {@link buildVaeDecoder} throws.
 */
export function buildVaeEncoder(network: Network<VaeConfig>): Model {
  return buildVaePart('encoder', network)
}

/**
 * The decoder of a variational autoencoder. Input: `latent` float32 [batch, latentChannels, height, width], multiplied with the
 * scaling factor as samplers see it. Output: `image` [batch, 3, 8 * height, 8 * width] for four levels, in 0..1. Throws what
 * `Module.weight` throws, and `mismatch` if a tiny autoencoder lacks this half.
 */
export function buildVaeDecoder(network: Network<VaeConfig>): Model {
  return buildVaePart('decoder', network)
}
