import type { Family, Variant } from '#core/families/families.ts'
import type { Distilled } from '#core/types/distilled.ts'
import { type Known, type TypeOf, UNKNOWN } from '#core/types/types.ts'

interface UnetFact {
  readonly family: Known<Family>
  readonly variant?: Variant
  readonly distilled?: Distilled
}

/** The type of a model loaded from a file, from the facts about it. */
export function modelType({ family, variant, distilled }: UnetFact = { family: UNKNOWN }): TypeOf<'model'> {
  return { kind: 'model', family, ...(variant && { variant }), ...(distilled && { distilled }) }
}
