import { LoomError } from '#core/errors.ts'
import type { NetworkWeights, WeightDelta } from '../models/weights.ts'
import type { AdapterMatch } from './match.ts'

/**
 * Adds an adapter to the weights: `W + strength * change`. Every change is computed from the checkpoint's own weight,
 * so the order of several adapters does not matter.
 * @param strength a number, possibly negative (0 returns the weights unchanged), or the session input that holds it
 * @throws LoomError `range` if the strength is not finite
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

/** Sorts deltas, so that equal sums are equal lists. */
function bySource(a: WeightDelta, b: WeightDelta): number {
  if (a.source !== b.source) return a.source < b.source ? -1 : 1
  return Number(a.strength) - Number(b.strength) || 0
}
