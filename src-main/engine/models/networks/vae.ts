import type { VaePart } from '#core/plan/attributes.ts'
import type { Network } from '../checkpoint.ts'
import type { VaeConfig } from '../config.ts'
import { autoencoder } from './autoencoder-kl.ts'
import type { Model } from './model.ts'
import { taesd } from './taesd.ts'

/**
 * A part of a VAE. A cut decoder has an inner part from `latent` to `features` of the same size, and an outer part from
 * `features` to `image`. A cut encoder has an outer part from `image` to `features`, and an inner part from `features`
 * to `mean` and `logvar`. Cut parts have a batch of 1.
 * @throws LoomError as {@link buildVaeDecoder}
 */
export function buildVaePart(part: VaePart, { config, weights }: Network<VaeConfig>): Model {
  return config.kind === 'taesd' ? taesd[part]({ config, weights }) : autoencoder[part]({ config, weights })
}

/**
 * The encoder of a variational autoencoder. Input: `image` float32 [batch, 3, imageHeight, imageWidth] in [0, 1].
 * Outputs, not yet multiplied by the scaling factor: `mean` and, unless it is tiny, `logvar` (clamped to [-30, 20]),
 * [batch, latentChannels, imageHeight / 8, imageWidth / 8] for four levels.
 * @throws LoomError as {@link buildVaeDecoder}
 */
export function buildVaeEncoder(network: Network<VaeConfig>): Model {
  return buildVaePart('encoder', network)
}

/**
 * The decoder of a variational autoencoder. Input: `latent` float32 [batch, latentChannels, height, width], multiplied
 * by the scaling factor as in samplers. Output: `image` [batch, 3, 8 * height, 8 * width] for four levels, in [0, 1].
 * @throws LoomError as `Module.weight`; `mismatch` if a tiny autoencoder lacks this half
 */
export function buildVaeDecoder(network: Network<VaeConfig>): Model {
  return buildVaePart('decoder', network)
}
