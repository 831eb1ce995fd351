import { LoomError } from '#core/errors.ts'
import { families, type Known, type Type, type TypeOf, UNKNOWN } from '#core/types/types.ts'

type OfFamily = TypeOf<'model' | 'clip' | 'vae' | 'conditioning'>

/**
 * The error of the first input whose family is not that of the model; what is unknown or open agrees with everything.
 * @param others what is held against the model, by the name of the input
 */
export function otherFamily(
  model: TypeOf<'model'>,
  others: Readonly<Record<string, { readonly family: Known<OfFamily['family']> } | undefined>>,
): LoomError | undefined {
  if (model.family === UNKNOWN) return undefined
  for (const [input, other] of Object.entries(others)) {
    const family = other?.family ?? UNKNOWN
    if (family === UNKNOWN || family === model.family) continue
    const message = `The model is ${families[model.family]}, but what is given as ${input} is made for ${families[family]}.`
    return new LoomError('mismatch', message, { input, hint: `Take both from ${families[model.family]}.` })
  }
  return undefined
}

/** Type of an output that a node does not have as it stands. */
export const nothing = (reason: string): Extract<Type, { kind: 'nothing' }> => ({ kind: 'nothing', reason })
