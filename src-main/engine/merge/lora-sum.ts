import { LoomError } from '#core/errors.ts'
import type { BaseFamily } from '#core/families/families.ts'
import { changeFactors, type Factors } from '../models/networks/changes.ts'
import { count, stored } from '../models/networks/stored.ts'
import { partNames } from '../models/parts.ts'
import type { NetworkWeights, WeightDelta } from '../models/weights.ts'
import { Graph } from '../onnx/graph.ts'
import { evaluated } from './folded-weight.ts'
import type { Networks } from './layout.ts'
import { type LoraModule, loraPrefix } from './lora-module.ts'

/**
 * The exact sum of all adapters on networks as the modules of one LoRA: factors are concatenated along the rank, and
 * strengths and scales are multiplied into `up`.
 * @throws LoomError `unsupported` for changes that are no low-rank products and for merged models; `mismatch` if there
 *   is nothing to sum
 */
export function loraSum(networks: Networks, family: BaseFamily): LoraModule[] {
  const modules = partNames.flatMap((part) => {
    const [weights, prefix] = [networks[part]?.weights, loraPrefix(part, family)]
    if (!weights || prefix === undefined) return []
    return Array.from(weights.deltas.keys(), (weight) => moduleOf(weights, weight, prefix))
  })
  if (modules.length > 0) return modules
  throw new LoomError('mismatch', 'There is no LoRA on this model that could be saved.', {
    hint: 'Put LoRA nodes between the checkpoint and this node.',
  })
}

function moduleOf(weights: NetworkWeights, weight: string, prefix: string): LoraModule {
  const sum = () => sumOf(new Graph(), weights, weight)
  const { rank } = sum()
  return {
    prefix,
    weight,
    rank,
    shape: weights.tensors.get(weight)?.shape ?? [],
    up() {
      const { graph, left } = sum()
      return evaluated(graph, left, weight)
    },
    down() {
      const { graph, right } = sum()
      return evaluated(graph, right, weight)
    },
  }
}

function sumOf(graph: Graph, weights: NetworkWeights, name: string): Factors & { graph: Graph; rank: number } {
  const factors = (weights.deltas.get(name) ?? []).map((delta, index) => factorsOf(graph, weights, name, delta, index))
  const joined = (side: keyof Factors, axis: number) => {
    const [first, ...others] = factors.map((each) => each[side])
    if (!first) throw new LoomError('internal', `Nothing changes ${name}.`)
    return others.length === 0 ? first : graph.add('Concat', [first, ...others], { axis })
  }
  const left = joined('left', 1)
  return { graph, left, right: joined('right', 0), rank: Number(left.shape[1]) }
}

/** The factors of an adapter's change, with strength and scale in the left one. */
function factorsOf(
  graph: Graph,
  { tensors }: NetworkWeights,
  name: string,
  { change, strength, rows }: WeightDelta,
  index: number,
): Factors {
  const ref = tensors.get(name)
  const [out = 1, ...rest] = ref?.shape ?? []
  if (typeof strength !== 'number') throw new LoomError('internal', `The adapter on ${name} cannot be read.`)
  // a bias has no factors, whether the layer has one or the adapter adds it
  const at = ref &&
    rest.length > 0 && {
      graph,
      name: `${name}.delta${index}`,
      weight: stored(graph, name, ref, [out, count(rest)]),
      shape: ref.shape,
      rows,
    }
  const factors = at ? changeFactors(at, change) : undefined
  if (!factors) {
    const message = `The change of ${name} is a ${change.kind}, which is no product of two small matrices.`
    throw new LoomError('unsupported', message, {
      hint: 'Take this adapter off, or extract a LoRA from the whole model (Extract LoRA).',
    })
  }
  return { left: graph.add('Mul', [factors.left, graph.scalar(strength * change.scale)], {}), right: factors.right }
}
