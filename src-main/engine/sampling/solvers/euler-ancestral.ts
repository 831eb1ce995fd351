import { ancestral } from '../ancestral.ts'
import { moveAlong } from '../level.ts'
import { withNoise } from '../noising.ts'
import type { Advance } from '../solver.ts'

/**
 * Euler steps down, then fresh noise. On this scale it is DDPM's step too (arXiv 2006.11239, Algorithm 2), between any
 * two levels.
 */
export function eulerAncestral(): Advance {
  return async (latent, { from, to }, tools) => {
    const denoised = await tools.denoise(latent, from.sigma)
    const { down, up } = ancestral(from.sigma, to.sigma)
    return { next: withNoise(moveAlong(latent, denoised, from.sigma, down), up, tools), denoised }
  }
}
