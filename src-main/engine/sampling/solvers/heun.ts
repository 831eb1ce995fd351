import { mix } from '../../tensor/linear.ts'
import { moveAlong } from '../level.ts'
import type { Update } from '../solver.ts'

/**
 * Heun's method (arXiv 2206.00364, Algorithm 1): uses the mean of the slopes at both ends. The last step is Euler's.
 */
export const heun: Update<'heun'> =
  () =>
  async (latent, { from, to }, { denoise }) => {
    const denoised = await denoise(latent, from.sigma)
    const trial = moveAlong(latent, denoised, from.sigma, to.sigma)
    if (to.sigma === 0) return { next: trial, denoised }
    const beyond = await denoise(trial, to.sigma)
    const half = (to.sigma - from.sigma) / 2
    const next = mix(
      [1 + half / from.sigma, latent],
      [-half / from.sigma, denoised],
      [half / to.sigma, trial],
      [-half / to.sigma, beyond],
    )
    return { next, denoised }
  }
