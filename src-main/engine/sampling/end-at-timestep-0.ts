import { mix } from '../tensor/linear.ts'
import { norm } from './level.ts'
import type { NoiseSchedule } from './schedule.ts'
import type { Advance } from './solver.ts'

/**
 * Makes the last step go to timestep 0 instead of sigma 0, as in some schedulers of diffusers. The little noise of that
 * timestep stays in the latent, whose variance is preserved.
 */
export function endAtTimestep0(advance: Advance, { sigmaAt }: NoiseSchedule): Advance {
  const end = { sigma: sigmaAt(0), timestep: 0 }
  return async (latent, range, tools) => {
    if (range.to.sigma > 0) return advance(latent, range, tools)
    const { next, denoised } = await advance(latent, { ...range, to: end }, tools)
    return { next: mix([1 / norm(end.sigma), next]), denoised }
  }
}
