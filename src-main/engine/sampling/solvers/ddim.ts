import type { SchedulerSpec } from '#core/plan/scheduler.ts'
import { entry, roundHalfToEven, skippedSteps, spacedTimesteps } from '../grid.ts'
import { atLevels, denoise, variancePreserving } from '../level.ts'
import { combine } from '../linear.ts'
import { alphaCumprodAt, TRAINING_STEPS } from '../schedule.ts'
import type { Solver, SolverOptions } from '../solver.ts'

/**
 * Deterministic DDIM (arXiv 2010.02502, equation 12 with eta 0). Each step goes down by the training steps over the
 * number of steps, as in diffusers, which need not be the next entry of `timesteps`.
 *
 * @throws LoomError `range` when steps or strength are out of range.
 */
export function ddim(spec: SchedulerSpec<'ddim'>, { prediction, strength }: SolverOptions): Solver {
  const timesteps = spacedTimesteps(spec.steps, spec.spacing, spec.stepsOffset)
    .map(roundHalfToEven)
    .slice(skippedSteps(spec.steps, strength))
  const levels = timesteps.map((timestep) => variancePreserving(alphaCumprodAt(timestep)))
  const stride = Math.floor(TRAINING_STEPS / spec.steps)
  const final = spec.setAlphaToOne ? 1 : alphaCumprodAt(0)
  const targets = timesteps.map((timestep) =>
    variancePreserving(timestep >= stride ? alphaCumprodAt(timestep - stride) : final),
  )
  return {
    timesteps,
    initNoiseSigma: 1,
    ...atLevels(levels),
    step(modelOutput, step, latent) {
      const from = entry(levels, step)
      const to = entry(targets, step)
      const denoised = denoise(prediction, modelOutput, from, latent)
      // The noise in the latent is (latent - alpha denoised) / sigma; it stays and is scaled to the new level.
      const kept = to.sigma / from.sigma
      return { next: combine(to.alpha - kept * from.alpha, denoised, kept, latent), denoised }
    },
  }
}
