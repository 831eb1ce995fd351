import type { Prediction } from '#core/families/training.ts'
import { mix } from '../tensor/linear.ts'

/**
 * A noise level: a noisy latent is `x0 + sigma epsilon`. Every solver works on this scale. The variance-preserving
 * latent of some papers is this latent divided by {@link norm}; the steps are the same.
 */
export interface NoiseLevel {
  readonly sigma: number
  /** The network's input for this level; may be fractional. */
  readonly timestep: number
}

/** Divisor of the network's input: the standard deviation of a noisy latent if the clean latent's is 1. */
export function norm(sigma: number): number {
  return Math.hypot(sigma, 1)
}

/** Weights of the noisy latent and of the network's output, whose sum is the clean latent. */
const weights: Record<Prediction, (sigma: number) => readonly [latent: number, output: number]> = {
  epsilon: (sigma) => [1, -sigma],
  v_prediction: (sigma) => [1 / norm(sigma) ** 2, -sigma / norm(sigma)],
  sample: () => [0, 1],
}

/** The clean latent predicted by the network's output. */
export function cleanLatent(prediction: Prediction, output: Float32Array, sigma: number, latent: Float32Array) {
  const [ofLatent, ofOutput] = weights[prediction](sigma)
  return mix([ofLatent, latent], [ofOutput, output])
}

/**
 * The latent at another noise level with the same noise: a point on the line from the noisy latent to the clean one.
 */
export function moveAlong(latent: Float32Array, denoised: Float32Array, from: number, to: number): Float32Array {
  return mix([1 - to / from, denoised], [to / from, latent])
}
