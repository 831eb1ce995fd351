import type { SchedulerSpec } from '#core/plan/scheduler.ts'
import { entry, requireSteps, roundHalfToEven, skippedSteps, spacedTimesteps } from '../grid.ts'
import { atLevels, denoise, variancePreserving } from '../level.ts'
import { combine, combine3 } from '../linear.ts'
import { karrasSigmas, sigmaAt, TRAINING_STEPS, timestepAt } from '../schedule.ts'
import type { Solver, SolverOptions } from '../solver.ts'

/**
 * DPM-Solver++ (2M), midpoint (arXiv 2211.01095, Algorithm 2): second order in the two latest clean latents; the first
 * and the last step are of first order.
 *
 * @throws LoomError `range` when steps or strength are out of range.
 */
export function dpmpp2m(spec: SchedulerSpec<'dpmpp-2m'>, { prediction, strength }: SolverOptions): Solver {
  const grid = dpmGrid(spec).slice(skippedSteps(spec.steps, strength))
  const sigmas = [...grid.map(({ sigma }) => sigma), 0]
  const levels = sigmas.map((sigma) => variancePreserving(1 / (sigma ** 2 + 1)))
  let previous: { readonly step: number; readonly denoised: Float32Array } | undefined
  return {
    timesteps: grid.map(({ timestep }) => timestep),
    initNoiseSigma: 1,
    ...atLevels(levels),
    step(modelOutput, step, latent) {
      const from = entry(levels, step)
      const to = entry(levels, step + 1)
      const denoised = denoise(prediction, modelOutput, from, latent)
      const before = previous?.step === step - 1 ? previous.denoised : undefined
      previous = { step, denoised }
      const kept = to.sigma / from.sigma
      // alpha (1 - exp(-h)), for exp(-h) is the ratio of the sigmas.
      const weight = to.alpha * (1 - entry(sigmas, step + 1) / entry(sigmas, step))
      if (!before || to.sigma === 0) return { next: combine(kept, latent, weight, denoised), denoised }
      const half = (weight * logRatio(sigmas, step)) / (2 * logRatio(sigmas, step - 1))
      return { next: combine3(kept, latent, weight + half, denoised, -half, before), denoised }
    },
  }
}

/** `h`: the step's length in log-SNR halves, `lambda(next) - lambda(this)` where lambda is minus the logarithm of sigma. */
function logRatio(sigmas: readonly number[], step: number): number {
  return Math.log(entry(sigmas, step) / entry(sigmas, step + 1))
}

function dpmGrid({ steps, spacing, stepsOffset, karras }: SchedulerSpec<'dpmpp-2m'>) {
  requireSteps(steps, TRAINING_STEPS - 1)
  if (karras) return karrasSigmas(steps).map((sigma) => ({ sigma, timestep: roundHalfToEven(timestepAt(sigma)) }))
  // The grid has one entry more and loses its last, except trailing, which ends above 0 by itself.
  const count = spacing === 'trailing' ? steps : steps + 1
  return spacedTimesteps(count, spacing, stepsOffset)
    .slice(0, steps)
    .map(roundHalfToEven)
    .map((timestep) => ({ sigma: sigmaAt(timestep), timestep }))
}
