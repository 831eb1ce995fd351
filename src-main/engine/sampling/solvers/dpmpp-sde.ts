import { ancestral } from '../ancestral.ts'
import { moveAlong } from '../level.ts'
import { withNoise } from '../noising.ts'
import type { Advance } from '../solver.ts'

/**
 * DPM-Solver++ (2S) on the diffusion SDE: adds fresh noise both at the middle of the step in log sigma and at its end.
 */
export function dpmppSde(): Advance {
  return async (latent, { from, to }, tools) => {
    const denoised = await tools.denoise(latent, from.sigma)
    if (to.sigma === 0) return { next: denoised, denoised }
    const advance = (guess: Float32Array, sigma: number) => {
      const { down, up } = ancestral(from.sigma, sigma)
      return withNoise(moveAlong(latent, guess, from.sigma, down), up, tools)
    }
    const middle = Math.sqrt(from.sigma * to.sigma)
    return { next: advance(await tools.denoise(advance(denoised, middle), middle), to.sigma), denoised }
  }
}
