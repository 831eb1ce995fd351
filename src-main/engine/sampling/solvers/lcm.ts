import { LoomError } from '#core/errors.ts'
import type { SchedulerSpec } from '#core/plan/scheduler.ts'
import { entry, requireSteps, requireStrength, skippedSteps } from '../grid.ts'
import { atLevels, denoise, variancePreserving } from '../level.ts'
import { combine } from '../linear.ts'
import { alphaCumprodAt, TRAINING_STEPS } from '../schedule.ts'
import type { Solver, SolverOptions } from '../solver.ts'

const SIGMA_DATA = 0.5
const TIMESTEP_SCALING = 10

/**
 * Latent consistency sampling: every step guesses the clean latent, then noises it to the next timestep (arXiv
 * 2310.04378, Algorithm 3). The last step adds no noise.
 *
 * @throws LoomError `range` when the grid that the strength leaves has fewer timesteps than steps.
 */
export function lcm(spec: SchedulerSpec<'lcm'>, { prediction, strength }: SolverOptions): Solver {
  const timesteps = lcmTimesteps(spec, strength)
  const levels = timesteps.map((timestep) => variancePreserving(alphaCumprodAt(timestep)))
  return {
    timesteps,
    initNoiseSigma: 1,
    ...atLevels(levels),
    step(modelOutput, step, latent, noise) {
      const [skip, out] = boundaryScalings(entry(timesteps, step))
      const clean = denoise(prediction, modelOutput, entry(levels, step), latent)
      const denoised = combine(out, clean, skip, latent)
      const next = levels[step + 1]
      return { next: next ? combine(next.alpha, denoised, next.sigma, noise()) : denoised, denoised }
    },
  }
}

/** Evenly chosen indices of the falling distillation grid, cut off at the strength or with the first ones skipped. */
function lcmTimesteps({ steps, originalSteps, strengthMode }: SchedulerSpec<'lcm'>, strength: number): number[] {
  requireOriginalSteps(originalSteps)
  requireStrength(strength)
  const truncated = strengthMode === 'truncate'
  const length = truncated ? Math.trunc(originalSteps * strength) : originalSteps
  if (truncated && length < steps && steps <= originalSteps) {
    throw new LoomError(
      'range',
      `A strength of ${strength} leaves ${length} of ${originalSteps} original steps, fewer than ${steps} steps.`,
      { input: 'strength', hint: `Use at most ${length} steps or a strength of at least ${steps / originalSteps}.` },
    )
  }
  requireSteps(steps, length)
  const stride = Math.floor(TRAINING_STEPS / originalSteps)
  const timesteps = Array.from({ length: steps }, (_, i) => (length - Math.floor(i * (length / steps))) * stride - 1)
  return truncated ? timesteps : timesteps.slice(skippedSteps(steps, strength))
}

function requireOriginalSteps(originalSteps: number): void {
  if (Number.isInteger(originalSteps) && originalSteps >= 1 && originalSteps <= TRAINING_STEPS) return
  throw new LoomError('range', `${originalSteps} original steps are outside 1 to ${TRAINING_STEPS}.`, {
    input: 'originalSteps',
    hint: 'Use the number of steps that the model was distilled with, 50 for nearly all.',
  })
}

/** `c_skip` and `c_out` of arXiv 2310.04378, which make the model the identity at timestep 0. */
function boundaryScalings(timestep: number): [skip: number, out: number] {
  const scaled = timestep * TIMESTEP_SCALING
  const variance = scaled ** 2 + SIGMA_DATA ** 2
  return [SIGMA_DATA ** 2 / variance, scaled / Math.sqrt(variance)]
}
