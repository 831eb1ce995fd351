import { LoomError } from '#core/errors.ts'
import type { Spacing } from '#core/plan/scheduler.ts'
import { TRAINING_STEPS } from '#core/plan/timesteps.ts'

/** Descending timesteps of `count` steps on the training grid, not yet rounded; arXiv 2305.08891, Table 2. */
const spacings: Record<Spacing, (count: number, offset: number) => number[]> = {
  leading: (count, offset) => {
    const stride = Math.floor(TRAINING_STEPS / count)
    return Array.from({ length: count }, (_, i) => (count - 1 - i) * stride + offset)
  },
  trailing: (count) => {
    // the stride as the difference of two timesteps, which is how numpy.arange rounds it (it reaches -1 at some counts)
    const stride = TRAINING_STEPS - (TRAINING_STEPS - TRAINING_STEPS / count)
    return Array.from({ length: count }, (_, i) => roundHalfToEven(TRAINING_STEPS - i * stride) - 1)
  },
  linspace: (count) => {
    const last = TRAINING_STEPS - 1
    const stride = count === 1 ? 0 : last / (count - 1)
    return Array.from({ length: count }, (_, i) => (i === 0 && count > 1 ? last : (count - 1 - i) * stride))
  },
}

/**
 * @returns descending timesteps of a run from pure noise; those of `linspace` are fractional.
 * @throws LoomError `range` unless steps is a whole number from 1 to 1000.
 */
export function spacedTimesteps(steps: number, spacing: Spacing, offset: number): number[] {
  requireSteps(steps, TRAINING_STEPS)
  return spacings[spacing](steps, offset)
}

/** Rounds halves to the even neighbour, like numpy and PyTorch. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

/**
 * Number of first steps that an image-to-image run skips.
 * @throws LoomError `range` if no step would be left.
 */
export function skippedSteps(steps: number, strength: number): number {
  requireStrength(strength)
  const left = Math.trunc(steps * strength)
  if (left >= 1) return steps - left
  throw new LoomError('range', `A strength of ${strength} leaves none of ${steps} steps to run.`, {
    input: 'strength',
    hint: `Use a strength of at least ${Math.ceil(1000 / steps) / 1000} or more steps.`,
  })
}

/** @throws LoomError `range` unless the strength is above 0 and at most 1. */
export function requireStrength(strength: number): void {
  if (strength > 0 && strength <= 1) return
  throw new LoomError('range', `A strength of ${strength} is outside 0 to 1.`, {
    input: 'strength',
    hint: 'Use 1 to start from noise alone, less to keep more of the picture.',
  })
}

/** @throws LoomError `range` unless steps is a whole number from 1 to `most`. */
export function requireSteps(steps: number, most: number): void {
  if (Number.isInteger(steps) && steps >= 1 && steps <= most) return
  throw new LoomError('range', `${steps} steps are outside 1 to ${most}.`, {
    input: 'steps',
    hint: `Use a whole number of steps, at least 1 and at most ${most}.`,
  })
}

/** Element of a solver's table with an entry per step. A missing element means that the step is out of range. */
export function entry<T>(table: readonly T[], step: number): T {
  const found = table[step]
  if (found !== undefined) return found
  throw new LoomError('range', `Step ${step} is outside the ${table.length} steps of the run.`, {
    hint: 'Steps count from 0 and take one solver for each run.',
  })
}
