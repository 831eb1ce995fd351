import { mix } from '../tensor/linear.ts'
import { norm } from './level.ts'
import { sigmaAt } from './schedule.ts'
import type { Advance } from './solver.ts'

const end = { sigma: sigmaAt(0), timestep: 0 }

/**
 * Makes the last step go to timestep 0 instead of sigma 0, as in some schedulers of diffusers. The little noise of that
 * timestep stays in the latent, whose variance is preserved.
 */
export function endAtTimestep0(advance: Advance): Advance {
  return async (latent, range, tools) => {
    if (range.to.sigma > 0) return advance(latent, range, tools)
    const { next, denoised } = await advance(latent, { ...range, to: end }, tools)
    return { next: mix([1 / norm(end.sigma), next]), denoised }
  }
}
