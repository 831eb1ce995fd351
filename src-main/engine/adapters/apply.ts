import { LoomError } from '#core/errors.ts'
import type { NetworkWeights, WeightDelta } from '../models/weights.ts'
import type { AdapterMatch } from './match.ts'

/**
 * The weights with an adapter added: `W + strength * change`, where every change is taken at the checkpoint's own weight. Several
 * may be added one after another; the result is the same in any order.
 * @param strength may be negative; at 0 the weights are returned as they are. Or the name of the session's input that gives it.
 * @throws LoomError `range` if the strength is not finite.
 */
export function applyAdapter(
  weights: NetworkWeights,
  matches: readonly AdapterMatch[],
  strength: WeightDelta['strength'],
): NetworkWeights {
  if (typeof strength === 'number' && !Number.isFinite(strength)) {
    throw new LoomError('range', `The strength of an adapter is ${strength}; it must be a finite number.`)
  }
  if (strength === 0) return weights
  const deltas = new Map(weights.deltas)
  for (const { source, module, weight, rows } of matches) {
    const delta: WeightDelta = { source, change: module.change, strength, ...(rows && { rows }) }
    deltas.set(weight, [...(deltas.get(weight) ?? []), delta].sort(bySource))
  }
  return { tensors: weights.tensors, deltas }
}

/** Gives equal sums one order. */
function bySource(a: WeightDelta, b: WeightDelta): number {
  if (a.source !== b.source) return a.source < b.source ? -1 : 1
  return Number(a.strength) - Number(b.strength) || 0
}
