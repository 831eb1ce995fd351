import { mix } from '../tensor/linear.ts'
import type { Prediction } from './solver.ts'

/**
 * A noise level: a noisy latent is `x0 + sigma epsilon`. Every solver works on that scale. Where a paper scales the
 * latent to keep its variance, it is this latent divided by {@link norm}, and the steps are the same.
 */
export interface NoiseLevel {
  readonly sigma: number
  /** What the network is told; not always whole. */
  readonly timestep: number
}

/** What a latent of that level has to be divided by for the network: its standard deviation if the clean latent's is 1. */
export function norm(sigma: number): number {
  return Math.hypot(sigma, 1)
}

/** Weights of the noisy latent and of the network's output in the clean latent. */
const weights: Record<Prediction, (sigma: number) => readonly [latent: number, output: number]> = {
  epsilon: (sigma) => [1, -sigma],
  v_prediction: (sigma) => [1 / norm(sigma) ** 2, -sigma / norm(sigma)],
  sample: () => [0, 1],
}

/** The clean latent that the network's output stands for. */
export function cleanLatent(prediction: Prediction, output: Float32Array, sigma: number, latent: Float32Array) {
  const [ofLatent, ofOutput] = weights[prediction](sigma)
  return mix([ofLatent, latent], [ofOutput, output])
}

/** The latent at another noise level, the noise in it kept: along the line from the noisy latent to the clean one. */
export function moveAlong(latent: Float32Array, denoised: Float32Array, from: number, to: number): Float32Array {
  return mix([1 - to / from, denoised], [to / from, latent])
}
