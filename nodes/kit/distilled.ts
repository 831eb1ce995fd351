import type { Distilled } from '#core/types/distilled.ts'
import type { TypeOf } from '#core/types/types.ts'

/** An adapter of lower strength does not reduce the number of steps that a model needs. */
const least = 0.3

/** The type of a model with an adapter. A distilled adapter makes it a few-step model. */
export function withAdapter(
  model: TypeOf<'model'>,
  adapter: { readonly distilled?: Distilled } | undefined,
  strength: TypeOf<'float'>,
): TypeOf<'model'> {
  return adapter?.distilled && strength.min >= least ? { ...model, distilled: adapter.distilled } : model
}
