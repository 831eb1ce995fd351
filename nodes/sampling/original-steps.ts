import { LoomError } from '#core/errors.ts'
import type { TypeOf } from '#core/types/types.ts'
import { int } from '../kit/ports.ts'

/** The grid that a distilled model knows; the same input on every scheduler node for such models. */
export const originalSteps = int({
  default: 50,
  min: 1,
  max: 1000,
  advanced: true,
  description:
    'The size of the grid that the model was distilled on. The steps are picked from it. Published models use 50. A model has 1000 timesteps, so 1000 is the maximum.',
})

/** The error of more steps than the grid has. */
export function stepsFault(inputs: Readonly<Record<'steps' | 'originalSteps', TypeOf<'int'>>>): LoomError | undefined {
  const { steps, originalSteps } = inputs
  if (steps.min <= originalSteps.max) return undefined
  const message = `${steps.min} steps cannot be picked from a grid of ${originalSteps.max} original steps.`
  return new LoomError('range', message, { input: 'steps', hint: 'Lower the steps; 4 is usual.' })
}
