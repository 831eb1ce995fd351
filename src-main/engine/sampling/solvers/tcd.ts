import { endAtTimestep0 } from '../end-at-timestep-0.ts'
import { moveAlong } from '../level.ts'
import { withNoise } from '../noising.ts'
import type { Advance, Update } from '../solver.ts'

const { fround } = Math

/**
 * Strategic stochastic sampling of trajectory consistency models (arXiv 2402.19159, Algorithm 4): a step goes down to
 * timestep `(1 - eta) t`, and noise returns to the next timestep `t`.
 */
export const tcd: Update<'tcd'> = ({ eta, convention }, _, noise) => {
  const advance: Advance = async (latent, { from, to }, tools) => {
    const denoised = await tools.denoise(latent, from.sigma)
    // rounds like PyTorch, because the floor makes rounding visible
    const beyond = noise.sigmaAt(Math.floor(fround(fround(1 - eta) * to.timestep)))
    const target = Math.min(beyond, to.sigma)
    const moved = moveAlong(latent, denoised, from.sigma, target)
    return { next: withNoise(moved, Math.sqrt(to.sigma ** 2 - target ** 2), tools), denoised }
  }
  return convention === 'diffusers' ? endAtTimestep0(advance, noise) : advance
}
