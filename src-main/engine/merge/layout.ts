import type { BaseFamily } from '#core/families/families.ts'
import type { Checkpoint } from '../models/checkpoint.ts'
import type { NetworkKind } from '../models/keys/network-kind.ts'
import { kinds, type PartName, partNames } from '../models/parts.ts'
import { placeOf } from '../models/single-file.ts'
import type { NetworkWeights } from '../models/weights.ts'

/** A network of any kind. */
export type Networks = Pick<Checkpoint, PartName>

/** One tensor of a single file, and what of the network it holds. */
export interface StoredTensor {
  /** In the file. */
  readonly name: string
  readonly shape: readonly number[]
  readonly weights: NetworkWeights
  /** diffusers' names of what lies in it on top of one another: OpenCLIP has one tensor for queries, keys and values. */
  readonly pieces: readonly string[]
  /** Whether it is the other way round than a linear layer, as OpenCLIP keeps its projection. */
  readonly turned: boolean
}

/** The tensors of a checkpoint in one file, under LDM's names and in LDM's shapes, as other programs read them too. */
export function singleFileLayout(networks: Networks, family: BaseFamily): StoredTensor[] {
  return partNames.flatMap((part) => partLayout(networks, part, family))
}

function partLayout(networks: Networks, part: PartName, family: BaseFamily): StoredTensor[] {
  const [place, network] = [placeOf(part, family), networks[part]]
  if (!place || !network) return []
  const stored = new Map<string, StoredTensor>()
  // The config is that of the part's kind: both come from one checkpoint.
  const { tensors } = kinds[part] as NetworkKind<typeof network.config>
  for (const tensor of tensors(network.config)) {
    const ldm = place.naming === 'ldm'
    const name = place.prefix + (ldm ? tensor.ldm : tensor.name)
    const above = stored.get(name)
    const turned = ldm && tensor.ldmTurned === true
    const shape = turned ? tensor.shape.toReversed() : (ldm && tensor.ldmShape) || tensor.shape
    const [rows = 1, ...rest] = shape
    stored.set(name, {
      name,
      shape: above ? [(above.shape[0] ?? 0) + rows, ...rest] : shape,
      weights: network.weights,
      pieces: [...(above?.pieces ?? []), tensor.name],
      turned,
    })
  }
  return [...stored.values()]
}
