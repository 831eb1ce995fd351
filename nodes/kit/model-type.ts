import { builtFamily, type Family, type Variant } from '#core/families/families.ts'
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
    ...(pictureSize !== undefined && { pictureSize: sizeFor(training, fact) ?? pictureSize }),
    ...(training && { training }),
  }
}

/** The family's size for a prediction that the artist set, if the size of the file was only that of its prediction. */
function sizeFor(training: Training | undefined, fact: UnetFact | undefined): number | undefined {
  const [sizes, told] = [builtFamily(fact?.family)?.pictureSize, fact?.told?.training]
  return sizes && training && told && fact?.pictureSize === sizes[told.prediction]
    ? sizes[training.prediction]
    : undefined
}
