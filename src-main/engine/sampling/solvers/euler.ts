import type { SchedulerSpec } from '#core/plan/scheduler.ts'
import { entry } from '../grid.ts'
import { denoise } from '../level.ts'
import { combine } from '../linear.ts'
import { sigmaGrid } from '../sigma-grid.ts'
import type { Solver, SolverOptions } from '../solver.ts'

/**
 * Euler's method on the probability flow (arXiv 2206.00364, Algorithm 2 without churn).
 *
 * @throws LoomError `range` when steps or strength are out of range.
 */
export function euler(spec: SchedulerSpec<'euler'>, { prediction, strength }: SolverOptions): Solver {
  const { levels, ...grid } = sigmaGrid(spec, strength)
  return {
    ...grid,
    step(modelOutput, step, latent) {
      const from = entry(levels, step)
      const denoised = denoise(prediction, modelOutput, from, latent)
      const kept = entry(levels, step + 1).sigma / from.sigma
      return { next: combine(1 - kept, denoised, kept, latent), denoised }
    },
  }
}
