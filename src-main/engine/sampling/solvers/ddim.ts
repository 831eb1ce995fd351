import { TRAINING_STEPS } from '#core/plan/timesteps.ts'
import { mix } from '../../tensor/linear.ts'
import { endAtTimestep0 } from '../end-at-timestep-0.ts'
import { moveAlong, norm } from '../level.ts'
import type { NoiseSchedule } from '../schedule.ts'
import type { Advance, Update } from '../solver.ts'
import { euler } from './euler.ts'

/** Deterministic DDIM (arXiv 2010.02502, equation 12 with eta 0), which is Euler's method on this scale. */
export const ddim: Update<'ddim'> = (spec, levels, noise) => {
  const { convention, schedule, steps, setAlphaToOne } = spec
  const plain = euler({ ...spec, kind: 'euler' }, levels, noise)
  if (convention !== 'diffusers') return plain
  const advance = setAlphaToOne ? plain : endAtTimestep0(plain, noise)
  return schedule.kind === 'spaced' ? byStride(Math.floor(TRAINING_STEPS / steps), advance, noise) : advance
}

/**
 * In diffusers a step goes down by training steps / steps, which need not reach the next level. The latent preserves
 * its variance there, so it is scaled from its actual level to the level that the next step assumes.
 */
function byStride(stride: number, last: Advance, { sigmaAt }: NoiseSchedule): Advance {
  return async (latent, range, tools) => {
    const { from, to } = range
    // a part that ends before the run's last step goes all the way to sigma 0
    if (from.timestep < stride || (to.sigma === 0 && from.timestep > stride)) return last(latent, range, tools)
    const denoised = await tools.denoise(latent, from.sigma)
    const target = sigmaAt(from.timestep - stride)
    return { next: mix([norm(to.sigma) / norm(target), moveAlong(latent, denoised, from.sigma, target)]), denoised }
  }
}
