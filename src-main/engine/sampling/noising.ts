import { mix } from '../tensor/linear.ts'
import type { StepTools } from './solver.ts'

/** Adds fresh noise of that size to the latent. Draws none if the size is 0. */
export function withNoise(latent: Float32Array, size: number, { noise }: StepTools): Float32Array {
  return size > 0 ? mix([1, latent], [size, noise()]) : latent
}
