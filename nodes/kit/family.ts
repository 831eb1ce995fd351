import { LoomError } from '#core/errors.ts'
import {
  type Family,
  familyName,
  type Known,
  type Type,
  type TypeOf,
  UNKNOWN,
  type Variant,
} from '#core/types/types.ts'

/** What a value or a file was made for. */
interface Made {
  readonly family: Known<Family>
  readonly variant?: Variant
}

/**
 * The error of the first input whose family, or variant of it, is not that of the model; what is unknown or open agrees with everything.
 * @param others what is held against the model, by the name of the input
 */
export function otherFamily(
  model: TypeOf<'model'>,
  others: Readonly<Record<string, Made | undefined>>,
): LoomError | undefined {
  if (model.family === UNKNOWN) return undefined
  for (const [input, other] of Object.entries(others)) {
    const [mine, theirs] = [nameOf(model), other && nameOf(other)]
    const sameVariant = (other?.variant ?? model.variant) === (model.variant ?? other?.variant)
    if (theirs === undefined || (other?.family === model.family && sameVariant)) continue
    const message = `The model is ${mine}, but what is given as ${input} is made for ${theirs}.`
    return new LoomError('mismatch', message, { input, hint: `Take both from ${mine}.` })
  }
  return undefined
}

function nameOf({ family, variant }: Made): string | undefined {
  return family === UNKNOWN ? undefined : familyName(family, variant)
}

/** Type of an output that a node does not have as it stands. */
export const nothing = (reason: string): Extract<Type, { kind: 'nothing' }> => ({ kind: 'nothing', reason })
