import { mix } from '../tensor/linear.ts'
import type { StepTools } from './solver.ts'

/** The latent with fresh noise of that size; draws none where there is none to add. */
export function withNoise(latent: Float32Array, size: number, { noise }: StepTools): Float32Array {
  return size > 0 ? mix([1, latent], [size, noise()]) : latent
}
