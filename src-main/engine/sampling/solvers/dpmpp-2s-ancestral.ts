import { ancestral } from '../ancestral.ts'
import { moveAlong } from '../level.ts'
import { withNoise } from '../noising.ts'
import type { Advance } from '../solver.ts'

/** DPM-Solver++ (2S) (arXiv 2211.01095, Algorithm 1, midpoint in log sigma) down to a lower level, then fresh noise. */
export function dpmpp2sAncestral(): Advance {
  return async (latent, { from, to }, tools) => {
    const denoised = await tools.denoise(latent, from.sigma)
    if (to.sigma === 0) return { next: denoised, denoised }
    const { down, up } = ancestral(from.sigma, to.sigma)
    const middle = Math.sqrt(from.sigma * down)
    const there = await tools.denoise(moveAlong(latent, denoised, from.sigma, middle), middle)
    return { next: withNoise(moveAlong(latent, there, from.sigma, down), up, tools), denoised }
  }
}
