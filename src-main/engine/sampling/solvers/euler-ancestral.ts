import { ancestral } from '../ancestral.ts'
import { moveAlong } from '../level.ts'
import { withNoise } from '../noising.ts'
import type { Advance } from '../solver.ts'

/**
 * An Euler step down, then fresh noise. On this scale DDPM's step between any two levels is the same (arXiv 2006.11239,
 * Algorithm 2).
 */
export function eulerAncestral(): Advance {
  return async (latent, { from, to }, tools) => {
    const denoised = await tools.denoise(latent, from.sigma)
    const { down, up } = ancestral(from.sigma, to.sigma)
    return { next: withNoise(moveAlong(latent, denoised, from.sigma, down), up, tools), denoised }
  }
}
