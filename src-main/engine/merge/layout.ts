import { LoomError } from '#core/errors.ts'
import type { BaseFamily } from '#core/families/families.ts'
import type { Checkpoint } from '../models/checkpoint.ts'
import type { NetworkKind } from '../models/keys/network-kind.ts'
import { kinds, type PartName, partNames } from '../models/parts.ts'
import { placeOf } from '../models/single-file.ts'
import type { NetworkWeights } from '../models/weights.ts'

/** @throws LoomError `unsupported` for biases that adapters add to layers without one */
function requirePlaces({ tensors, deltas }: NetworkWeights): void {
  const added = [...deltas.keys()].filter((name) => !tensors.has(name))
  if (added.length === 0) return
  throw new LoomError(
    'unsupported',
    `An adapter adds ${added.length} biases to layers that have none, first ${added[0]}.`,
    { hint: 'A checkpoint has no place for them; keep the adapter apart.' },
  )
}

/** The networks of a checkpoint. */
export type Networks = Pick<Checkpoint, PartName>

/** A tensor of a single file, and the parts of the network in it. */
export interface StoredTensor {
  /** Name in the file. */
  readonly name: string
  readonly shape: readonly number[]
  readonly weights: NetworkWeights
  /** Names in diffusers of the weights stacked in it. OpenCLIP has one tensor for queries, keys and values. */
  readonly pieces: readonly string[]
  /** Whether it is the transpose of a linear layer's weight, like OpenCLIP's projection. */
  readonly turned: boolean
}

/**
 * The tensors of a single-file checkpoint with LDM's names and shapes, which other programs can read.
 * @throws LoomError `unsupported` for biases that adapters add to layers without one
 */
export function singleFileLayout(networks: Networks, family: BaseFamily): StoredTensor[] {
  return partNames.flatMap((part) => partLayout(networks, part, family))
}

function partLayout(networks: Networks, part: PartName, family: BaseFamily): StoredTensor[] {
  const [place, network] = [placeOf(part, family), networks[part]]
  if (!place || !network) return []
  requirePlaces(network.weights)
  const stored = new Map<string, StoredTensor>()
  // the config is of the part's kind, because both come from one checkpoint
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
