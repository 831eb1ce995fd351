import type { Distilled } from '#core/types/distilled.ts'
import type { TypeOf } from '#core/types/types.ts'

/** Adapters that count less than this leave a model as many steps as it needs without them. */
const least = 0.3

/** The model with an adapter on it: an adapter that was distilled makes it a model of few steps. */
export function withAdapter(
  model: TypeOf<'model'>,
  adapter: { readonly distilled?: Distilled } | undefined,
  strength: TypeOf<'float'>,
): TypeOf<'model'> {
  return adapter?.distilled && strength.min >= least ? { ...model, distilled: adapter.distilled } : model
}
