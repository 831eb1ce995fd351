import { moveAlong } from '../level.ts'
import type { Update } from '../solver.ts'

/** Euler's method on the probability flow ODE (arXiv 2206.00364, Algorithm 2 without churn). */
export const euler: Update<'euler'> =
  () =>
  async (latent, { from, to }, { denoise }) => {
    const denoised = await denoise(latent, from.sigma)
    return { next: moveAlong(latent, denoised, from.sigma, to.sigma), denoised }
  }
