import type { Family, Variant } from '#core/families/families.ts'
import type { Told, Training } from '#core/families/training.ts'
import type { DetectedDistillation } from '#core/types/distilled.ts'
import { type Known, type TypeOf, UNKNOWN } from '#core/types/types.ts'
import { distilledBy } from './distilled.ts'

/** The facts of a file with a UNet that its type comes from. */
export interface UnetFact {
  readonly family: Known<Family>
  readonly variant?: Variant
  readonly distillation?: DetectedDistillation
  readonly pictureSize?: number
  readonly told?: Told
}

/** The type of a model loaded from a file, from the facts about it, and the distillation and training chosen. */
export function modelType(
  fact: UnetFact | undefined,
  chosen: TypeOf<'choice'>,
  training: Training | undefined,
): TypeOf<'model'> {
  const { family, variant, distillation, pictureSize } = fact ?? { family: UNKNOWN }
  const distilled = distilledBy(distillation, chosen)
  return {
    kind: 'model',
    family,
    ...(variant && { variant }),
    ...(distilled && { distilled }),
    ...(pictureSize !== undefined && { pictureSize }),
    ...(training && { training }),
  }
}
