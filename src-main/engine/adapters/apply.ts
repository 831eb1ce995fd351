import { LoomError } from '#core/errors.ts'
import type { NetworkWeights, WeightDelta } from '../models/weights.ts'
import type { AdapterMatch } from './match.ts'

/**
 * The weights with an adapter added: `W + strength * alpha / rank * up @ down`. Several may be added one after another; the result is the
 * same in any order.
 * @param strength may be negative; at 0 the weights are returned as they are. Or the name of the session's input that gives it.
 * @throws LoomError `range` if the strength is not finite.
 */
export function applyAdapter(
  weights: NetworkWeights,
  matches: readonly AdapterMatch[],
  strength: number | { readonly input: string },
): NetworkWeights {
  const live = typeof strength === 'object' ? { live: strength.input } : {}
  const factor = typeof strength === 'object' ? 1 : strength
  if (!Number.isFinite(factor)) {
    throw new LoomError('range', `The strength of an adapter is ${factor}; it must be a finite number.`)
  }
  if (factor === 0) return weights
  const deltas = new Map(weights.deltas)
  for (const { module, weight } of matches) {
    const delta: WeightDelta = { up: module.up, down: module.down, scale: factor * module.scale, ...live }
    deltas.set(weight, [...(deltas.get(weight) ?? []), delta].sort(byPlace))
  }
  return { tensors: weights.tensors, deltas }
}

function byPlace(a: WeightDelta, b: WeightDelta): number {
  if (a.up.file !== b.up.file) return a.up.file < b.up.file ? -1 : 1
  return a.up.offset - b.up.offset || a.scale - b.scale
}
