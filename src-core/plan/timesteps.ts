import { LoomError } from '#core/errors.ts'

/** Number of timesteps in training. */
export const TRAINING_STEPS = 1000

/**
 * Parses timesteps as a user writes them: "999, 749, 499, 249".
 * @throws LoomError `range` unless they are decreasing integers on the training grid
 */
export function parseTimesteps(text: string): readonly number[] {
  const timesteps = text.split(/[\s,;]+/).filter((word) => word !== '')
  return requireTimesteps(timesteps.map((word) => (/^\d+$/.test(word) ? Number(word) : word)))
}

/** @throws LoomError `range` unless the timesteps are decreasing integers on the training grid */
export function requireTimesteps(timesteps: readonly (number | string)[]): readonly number[] {
  const fits = (t: number | string, i: number): t is number =>
    Number.isInteger(t) && Number(t) >= 0 && Number(t) < Number(timesteps[i - 1] ?? TRAINING_STEPS)
  if (timesteps.length > 0 && timesteps.every(fits)) return timesteps
  const wrong = timesteps.find((t, i) => !fits(t, i))
  const message =
    wrong === undefined
      ? 'There are no timesteps.'
      : `The timestep ${wrong} is not a whole number from 0 to ${TRAINING_STEPS - 1} and smaller than the one before.`
  throw new LoomError('range', message, {
    input: 'timesteps',
    hint: 'Give falling whole numbers, such as 999, 749, 499, 249.',
  })
}
