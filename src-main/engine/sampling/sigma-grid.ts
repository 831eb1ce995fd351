import type { SchedulerSpec } from '#core/plan/scheduler.ts'
import { skippedSteps, spacedTimesteps } from './grid.ts'
import { atLevels, type NoiseLevel, varianceExploding } from './level.ts'
import { sigmaAt } from './schedule.ts'
import type { Solver } from './solver.ts'

/** What the Euler solvers share: all of a solver but its step, and the levels from the first step's to sigma 0. */
export function sigmaGrid(
  spec: SchedulerSpec<'euler' | 'euler-ancestral'>,
  strength: number,
): Omit<Solver, 'step'> & { readonly levels: readonly NoiseLevel[] } {
  const all = spacedTimesteps(spec.steps, spec.spacing, spec.stepsOffset)
  const largest = Math.max(...all.map(sigmaAt))
  const timesteps = all.slice(skippedSteps(spec.steps, strength))
  const levels = [...timesteps.map(sigmaAt), 0].map(varianceExploding)
  return {
    timesteps,
    // Leading grids begin below the training grid's end, where the latent is not noise alone.
    initNoiseSigma: spec.spacing === 'leading' ? Math.sqrt(largest ** 2 + 1) : largest,
    levels,
    ...atLevels(levels),
  }
}
