import type { Family, Variant } from '#core/families/families.ts'
import type { DetectedDistillation } from '#core/types/distilled.ts'
import { type Known, type TypeOf, UNKNOWN } from '#core/types/types.ts'
import { distilledBy } from './distilled.ts'

interface UnetFact {
  readonly family: Known<Family>
  readonly variant?: Variant
  readonly distillation?: DetectedDistillation
  readonly pictureSize?: number
}

/** The type of a model loaded from a file, from the facts about it and the distillation that was chosen. */
export function modelType(fact: UnetFact | undefined, chosen: TypeOf<'choice'>): TypeOf<'model'> {
  const { family, variant, distillation, pictureSize } = fact ?? { family: UNKNOWN }
  const distilled = distilledBy(distillation, chosen)
  return {
    kind: 'model',
    family,
    ...(variant && { variant }),
    ...(distilled && { distilled }),
    ...(pictureSize !== undefined && { pictureSize }),
  }
}
