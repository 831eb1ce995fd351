import { LoomError } from '#core/errors.ts'
import type { Checkpoint } from '../models/checkpoint.ts'
import { type NetworkTensor, withoutTrailingOnes } from '../models/keys/network-kind.ts'
import { textEncoder } from '../models/keys/text-encoder.ts'
import { unet } from '../models/keys/unet.ts'
import type { Adapter, AdapterModule } from './adapter.ts'
import { aliases } from './aliases.ts'
import { describeBase } from './base.ts'

/** The networks that an adapter changes. */
export type AdapterTarget = Pick<Checkpoint, 'unet' | 'textEncoder'>

/** A module and the weight that it changes, by diffusers' name. */
export interface AdapterMatch {
  readonly module: AdapterModule
  readonly weight: string
}

export interface ShapeMismatch {
  readonly module: string
  readonly weight: string
  /** Shape of the weight that the module was made for. */
  readonly adapter: readonly number[]
  readonly network: readonly number[]
}

/** Which modules of an adapter found their weight. */
export interface Coverage {
  readonly unet: readonly AdapterMatch[]
  readonly textEncoder: readonly AdapterMatch[]
  /** Modules and tensors that no weight answers to. */
  readonly unmatched: readonly string[]
  readonly shapeMismatches: readonly ShapeMismatch[]
  /** All modules, and the tensors of no known form. */
  readonly total: number
}

interface Place {
  readonly part: keyof typeof aliases
  readonly tensor: NetworkTensor
}

/**
 * Looks up every module of an adapter among the weights of the target.
 * @throws LoomError `parse` if two modules change one weight.
 */
export function matchAdapter(adapter: Adapter, target: AdapterTarget): Coverage {
  const places = placesOf(target)
  const matches = { unet: [] as AdapterMatch[], textEncoder: [] as AdapterMatch[] }
  const unmatched = [...adapter.unknown]
  const shapeMismatches: ShapeMismatch[] = []
  const taken = new Map<NetworkTensor, string>()
  for (const module of adapter.modules) {
    const place = places.get(module.name)
    if (!place) {
      unmatched.push(module.name)
      continue
    }
    const { part, tensor } = place
    const other = taken.get(tensor)
    if (other !== undefined) {
      const message = `${adapter.path}: the modules ${other} and ${module.name} both change ${tensor.name}.`
      throw new LoomError('parse', message, { hint: 'The file is mixed from two; take another one.' })
    }
    taken.set(tensor, module.name)
    const shape = [module.up.shape[0] ?? 0, ...module.down.shape.slice(1)]
    if (withoutTrailingOnes(shape).join() === withoutTrailingOnes(tensor.shape).join()) {
      matches[part].push({ module, weight: tensor.name })
    } else {
      shapeMismatches.push({ module: module.name, weight: tensor.name, adapter: shape, network: tensor.shape })
    }
  }
  return { ...matches, unmatched, shapeMismatches, total: adapter.modules.length + adapter.unknown.length }
}

/**
 * The coverage of an adapter that fits. Modules without a weight are reported, not refused: many files carry some.
 * @throws LoomError `mismatch`, naming both, if nothing matches or the adapter was made for another architecture.
 */
export function fitAdapter(adapter: Adapter, target: AdapterTarget): Coverage {
  const coverage = matchAdapter(adapter, target)
  const matched = matchedCount(coverage)
  const [wrong] = coverage.shapeMismatches
  const { contextWidth } = adapter.base
  const sameContext = !target.unet || contextWidth === undefined || contextWidth === target.unet.config.contextWidth
  if (matched > 0 && !wrong && sameContext) return coverage
  const shapes = wrong
    ? ` ${coverage.shapeMismatches.length} have another shape, first ${wrong.module}: [${wrong.adapter.join(', ')}] for [${wrong.network.join(', ')}].`
    : ''
  const made = `the adapter was made for ${describeBase(adapter.base)}, the checkpoint is ${describeTarget(target)}`
  throw new LoomError('mismatch', `${adapter.path}: ${matched} of ${coverage.total} keys matched: ${made}.${shapes}`, {
    hint: 'Take an adapter that was made for this family of checkpoints, or the checkpoint that it was made for.',
  })
}

/** Modules that change a weight. */
export function matchedCount({ unet, textEncoder }: Coverage): number {
  return unet.length + textEncoder.length
}

function describeTarget({ unet: network }: AdapterTarget): string {
  return network ? describeBase({ family: 'SD1.x', contextWidth: network.config.contextWidth }) : 'SD1.x'
}

function placesOf(target: AdapterTarget): Map<string, Place> {
  const places = new Map<string, Place>()
  const register = (part: Place['part'], tensors: Iterable<NetworkTensor>) => {
    for (const tensor of tensors) {
      if (tensor.shape.length < 2 || !tensor.name.endsWith('.weight')) continue
      for (const alias of aliases[part](tensor)) places.set(alias, { part, tensor })
    }
  }
  if (target.unet) register('unet', unet.tensors(target.unet.config))
  if (target.textEncoder) register('textEncoder', textEncoder.tensors(target.textEncoder.config))
  return places
}
