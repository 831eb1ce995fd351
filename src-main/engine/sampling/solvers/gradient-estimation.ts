import { mix } from '../../tensor/linear.ts'
import type { Update } from '../solver.ts'

const GAMMA = 2

/** Euler's method with slopes extrapolated from the previous step (arXiv 2306.04848, Algorithm 2). */
export const gradientEstimation: Update<'gradient-estimation'> = () => {
  let before: Float32Array
  return async (latent, { index, from, to }, { denoise }) => {
    const denoised = await denoise(latent, from.sigma)
    const slope = mix([1 / from.sigma, latent], [-1 / from.sigma, denoised])
    const older = index === 0 ? slope : before
    before = slope
    if (to.sigma === 0) return { next: denoised, denoised }
    const length = to.sigma - from.sigma
    return { next: mix([1, latent], [GAMMA * length, slope], [(1 - GAMMA) * length, older]), denoised }
  }
}
