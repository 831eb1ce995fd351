import type { SchedulerSpec } from '#core/plan/scheduler.ts'
import { entry } from '../grid.ts'
import { denoise } from '../level.ts'
import { combine3 } from '../linear.ts'
import { sigmaGrid } from '../sigma-grid.ts'
import type { Solver, SolverOptions } from '../solver.ts'

/**
 * Euler steps down to `sigma_down`, then fresh noise of `sigma_up`, so that the variances add up to the next level's.
 * Noise is drawn at every step, as in diffusers, though the last one's weight is 0.
 *
 * @throws LoomError `range` when steps or strength are out of range.
 */
export function eulerAncestral(
  spec: SchedulerSpec<'euler-ancestral'>,
  { prediction, strength }: SolverOptions,
): Solver {
  const { levels, ...grid } = sigmaGrid(spec, strength)
  return {
    ...grid,
    step(modelOutput, step, latent, noise) {
      const from = entry(levels, step)
      const to = entry(levels, step + 1).sigma
      const denoised = denoise(prediction, modelOutput, from, latent)
      const up = (to / from.sigma) * Math.sqrt(from.sigma ** 2 - to ** 2)
      const kept = Math.sqrt(to ** 2 - up ** 2) / from.sigma
      return { next: combine3(1 - kept, denoised, kept, latent, up, noise()), denoised }
    },
  }
}
