import { mix } from '../../tensor/linear.ts'
import { entry } from '../grid.ts'
import type { NoiseLevel } from '../level.ts'
import { withNoise } from '../noising.ts'
import type { Advance, Update } from '../solver.ts'

/**
 * DPM-Solver++ (2M), midpoint (arXiv 2211.01095, Algorithm 2): second order in the two latest predictions. The first
 * and the last step are of first order.
 */
export const dpmpp2m: Update<'dpmpp-2m'> = (_, levels) => multistep(levels, 1)

/** SDE-DPM-Solver++ (2M): goes down twice as far in log sigma, and adds fresh noise to return to the level. */
export const dpmpp2mSde: Update<'dpmpp-2m-sde'> = (_, levels) => multistep(levels, 2)

/** @param power exponent of the ratio of sigmas that is the old latent's weight: 1 on the ODE, 2 on the SDE. */
function multistep(levels: readonly NoiseLevel[], power: 1 | 2): Advance {
  let before: Float32Array = new Float32Array()
  return async (latent, { index, from, to }, tools) => {
    const denoised = await tools.denoise(latent, from.sigma)
    const kept = (to.sigma / from.sigma) ** power
    let guess = denoised
    if (index > 0 && to.sigma > 0) {
      const half = Math.log(from.sigma / to.sigma) / (2 * Math.log(entry(levels, index - 1).sigma / from.sigma))
      guess = mix([1 + half, denoised], [-half, before])
    }
    before = denoised
    const moved = mix([kept, latent], [1 - kept, guess])
    return { next: power === 1 ? moved : withNoise(moved, to.sigma * Math.sqrt(1 - kept), tools), denoised }
  }
}
