import type { BaseFamily } from '#core/families/families.ts'
import type { NetworkWeights } from '../models/weights.ts'
import { requireSameShapes, sameBytes } from './blend.ts'
import { foldedWeight } from './folded-weight.ts'
import { type LoraModule, loraPrefix } from './lora-module.ts'
import { type LowRank, lowRank } from './low-rank.ts'

/**
 * Approximates the difference between a UNet and its base by the modules of a LoRA, one per layer. Norms and biases are
 * left out, because they are not matrices.
 * @throws LoomError `mismatch` if the shapes differ
 */
export function extracted(tuned: NetworkWeights, base: NetworkWeights, family: BaseFamily, rank: number): LoraModule[] {
  requireSameShapes(tuned, base)
  return Array.from(tuned.tensors).flatMap(([weight, tensor]) => {
    const { shape } = tensor
    const adapted = tuned.deltas.has(weight) || base.deltas.has(weight)
    if (shape.length < 2 || (!adapted && sameBytes(tensor, base.tensors.get(weight)))) return []
    return [moduleOf(tuned, base, { weight, shape, rank, prefix: loraPrefix('unet', family) ?? '' })]
  })
}

function moduleOf(
  tuned: NetworkWeights,
  base: NetworkWeights,
  { rank: wanted, ...place }: Pick<LoraModule, 'weight' | 'shape' | 'rank' | 'prefix'>,
): LoraModule {
  const [rows = 1, ...rest] = place.shape
  const columns = rest.reduce((product, size) => product * size, 1)
  const rank = Math.min(wanted, rows, columns)
  const factors = forTwo(async () => {
    const [one, two] = [await foldedWeight(tuned, place.weight), await foldedWeight(base, place.weight)]
    return lowRank({ data: one.map((value, i) => value - (two[i] ?? 0)), shape: [rows, columns] }, rank)
  })
  return { ...place, rank, up: async () => (await factors()).up, down: async () => (await factors()).down }
}

/** Caches a result for a second call and then frees it. */
function forTwo(make: () => Promise<LowRank>): () => Promise<LowRank> {
  let kept: Promise<LowRank> | undefined
  return () => {
    const result = kept ?? make()
    kept = kept ? undefined : result
    return result
  }
}
