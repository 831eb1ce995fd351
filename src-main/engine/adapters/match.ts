import { LoomError } from '#core/errors.ts'
import { baseFamilies } from '#core/families/families.ts'
import type { Checkpoint } from '../models/checkpoint.ts'
import type { NetworkTensor } from '../models/keys/network-kind.ts'
import { textEncoder, textEncoder2 } from '../models/keys/text-encoder.ts'
import { unet } from '../models/keys/unet.ts'
import { count } from '../models/networks/stored.ts'
import type { Adapter, AdapterModule, IdleModule } from './adapter.ts'
import { type AdaptedPart, type Alias, aliases, partOf } from './aliases.ts'
import { describeBase } from './base.ts'
import { incompleteHint } from './unscaled.ts'

/** The networks that an adapter changes. */
export type AdapterTarget = Pick<Checkpoint, AdaptedPart | 'family' | 'variant'>

/** A module and the weight that it changes, named as in diffusers. */
export interface AdapterMatch {
  /** Path of the adapter. */
  readonly source: string
  readonly module: AdapterModule
  readonly weight: string
  /** The module's rows for this weight, if it changes several weights. */
  readonly rows?: Alias['rows']
}

export interface ShapeMismatch {
  readonly module: string
  readonly weight: string
  /** Shape of the weight that the module expects. */
  readonly adapter: AdapterModule['shape']
  readonly network: readonly number[]
}

/** The matched and unmatched modules of an adapter. */
export interface Coverage extends Readonly<Record<AdaptedPart, readonly AdapterMatch[]>> {
  /** Modules and tensors without a matching weight. */
  readonly unmatched: readonly string[]
  readonly shapeMismatches: readonly ShapeMismatch[]
  /** Modules that change nothing. */
  readonly idle: readonly IdleModule[]
  /** Number of modules for the target's networks, plus tensors in no known form. */
  readonly total: number
}

interface Place extends Pick<AdapterMatch, 'rows'>, AdaptedTensor {
  readonly part: AdaptedPart
}

interface AdaptedTensor {
  readonly tensor: NetworkTensor
  /** A bias that the layer does not have. */
  readonly isAbsent?: true
}

/**
 * Matches the modules of an adapter to the weights of the target.
 * @throws LoomError `parse` if two modules change the same weight
 */
export function matchAdapter(adapter: Adapter, target: AdapterTarget): Coverage {
  const places = placesOf(target)
  const matches: Record<AdaptedPart, AdapterMatch[]> = { unet: [], textEncoder: [], textEncoder2: [] }
  const unmatched = [...adapter.unknown]
  const shapeMismatches: ShapeMismatch[] = []
  const taken = new Map<NetworkTensor, string>()
  const idle = adapter.idle.filter(({ name }) => !isElsewhere(name, target))
  let total = adapter.unknown.length + idle.length
  for (const module of adapter.modules) {
    const named = places.get(placeKey(module.name, module.parameter)) ?? []
    // to multiply a bias that is not there changes nothing
    const found = named.filter(({ isAbsent }) => !isAbsent || module.change.kind === 'difference')
    if (found.length === 0 && (named.length > 0 || isElsewhere(module.name, target))) continue
    total++
    if (found.length === 0) unmatched.push(module.name)
    for (const { part, tensor, rows } of found) {
      const other = taken.get(tensor)
      if (other !== undefined) {
        const message = `${adapter.path}: the modules ${other} and ${module.name} both change ${tensor.name}.`
        throw new LoomError('parse', message, { hint: 'The file is mixed from two; take another one.' })
      }
      taken.set(tensor, module.name)
      if (fits(module.shape, tensor.shape, rows)) {
        matches[part].push({ source: adapter.path, module, weight: tensor.name, ...(rows && { rows }) })
      } else {
        const [weight, network] = [tensor.name, tensor.shape]
        shapeMismatches.push({ module: module.name, weight, adapter: module.shape, network })
      }
    }
  }
  return { ...matches, unmatched, shapeMismatches, idle, total }
}

/** Whether a module changes a network that the target's family has but its file lacks. */
function isElsewhere(module: string, target: AdapterTarget): boolean {
  const part = partOf(module)
  return target[part] === undefined && (part === 'unet' || baseFamilies[target.family][part] !== undefined)
}

/** Compares shapes. Trailing axes of size 1 and the grouping of axes after the first do not matter, and `null` fits all. */
function fits(adapter: AdapterModule['shape'], network: readonly number[], rows: Place['rows']): boolean {
  const [out = 0, ...rest] = adapter
  const [networkOut = 0, ...networkRest] = network
  if (out !== null && (rows ? out < rows[1] : out !== networkOut)) return false
  if (rest.length === 1) return rest[0] === null || rest[0] === count(networkRest)
  const axes = Math.max(rest.length, networkRest.length)
  return Array.from({ length: axes }, (_, axis) => [rest[axis], networkRest[axis] ?? 1] as const).every(
    ([own = 1, size]) => own === null || own === size,
  )
}

/**
 * The coverage of an adapter that fits. Modules without a weight, or for a weight of another shape, are left out and
 * reported, because many files have some.
 * @throws LoomError `mismatch` if nothing matches, most shapes differ, or the adapter was made for another model
 */
export function fitAdapter(adapter: Adapter, target: AdapterTarget): Coverage {
  const coverage = matchAdapter(adapter, target)
  const reason = misfit(adapter, target, coverage)
  if (reason === undefined) return coverage
  const matched = `${matchedCount(coverage)} of ${coverage.total} keys matched`
  throw new LoomError('mismatch', `${adapter.path}: ${matched}: ${reason}.${shapesOf(coverage)}`, {
    hint: isIdle(coverage)
      ? coverage.idle.some(({ incomplete }) => incomplete)
        ? incompleteHint
        : 'Its training changed nothing; take another version of the adapter.'
      : 'Take an adapter that was made for this family of checkpoints, or the checkpoint that it was made for.',
  })
}

/** The reason why an adapter does not fit, as a clause. Undefined if it fits, at least in part. */
function misfit(adapter: Adapter, target: AdapterTarget, coverage: Coverage): string | undefined {
  const [made, given] = [describeBase(adapter.base), describeTarget(target)]
  const differ = `the adapter was made for ${made}, the checkpoint is ${given}`
  if (!sameBase(adapter, target)) return differ
  const matched = matchedCount(coverage)
  const wrong = coverage.shapeMismatches.length
  if (wrong > matched) return `most of its layers have another size than those of this model, ${given}`
  if (matched > 0 || coverage.total === 0) return undefined
  const [idle] = coverage.idle
  if (idle && isIdle(coverage)) return `none changes anything, first ${idle.name}: ${idle.reason}`
  const { family } = adapter.base
  return family === undefined || made === given ? `its names are none of this model's, ${given}` : differ
}

/** Whether all of an adapter's modules change nothing. */
const isIdle = ({ idle, total }: Coverage): boolean => idle.length > 0 && idle.length === total

function shapesOf({ shapeMismatches }: Coverage): string {
  const [wrong] = shapeMismatches
  if (!wrong) return ''
  return ` ${shapeMismatches.length} have another shape, first ${wrong.module}: ${describeShapes(wrong)}.`
}

/** `[320, 4, 3, 3] for [320, 9, 3, 3]`: what the adapter has, and what the network has. */
export function describeShapes({ adapter, network }: ShapeMismatch): string {
  return `[${adapter.map((size) => size ?? 'any').join(', ')}] for [${network.join(', ')}]`
}

/** Whether adapter and target have the same base. Unknown properties count as equal. */
function sameBase({ base }: Adapter, target: AdapterTarget): boolean {
  const { contextWidth = target.unet?.config.contextWidth, variant = target.variant } = base
  return !target.unet || (variant === target.variant && contextWidth === target.unet.config.contextWidth)
}

/** Number of modules that change a weight. */
export function matchedCount({ unet, textEncoder, textEncoder2 }: Coverage): number {
  return new Set([...unet, ...textEncoder, ...textEncoder2].map(({ module }) => module)).size
}

function describeTarget({ family, variant, unet: network }: AdapterTarget): string {
  const contextWidth = network?.config.contextWidth
  return describeBase({
    family: baseFamilies[family].name,
    variant,
    ...(contextWidth !== undefined && { contextWidth }),
  })
}

const placeKey = (name: string, parameter: string): string => `${parameter} of ${name}`

function placesOf(target: AdapterTarget): ReadonlyMap<string, readonly Place[]> {
  const places = new Map<string, Place[]>()
  const register = (part: AdaptedPart, tensors: Iterable<NetworkTensor>) => {
    for (const { tensor, isAbsent } of withAbsentBiases([...tensors])) {
      const parameter = tensor.name.endsWith('.bias') ? 'bias' : 'weight'
      const named = new Map(aliases[part](tensor).map(({ name, rows }) => [placeKey(name, parameter), rows]))
      for (const [key, rows] of named) {
        const place = { part, tensor, ...(isAbsent && { isAbsent }), ...(rows && { rows }) }
        places.set(key, [...(places.get(key) ?? []), place])
      }
    }
  }
  if (target.unet) register('unet', unet.tensors(target.unet.config))
  if (target.textEncoder) register('textEncoder', textEncoder.tensors(target.textEncoder.config))
  if (target.textEncoder2) register('textEncoder2', textEncoder2.tensors(target.textEncoder2.config))
  return places
}

/** The tensors of a network, and the biases of layers that have none, which an adapter may add. */
function withAbsentBiases(tensors: readonly NetworkTensor[]): readonly AdaptedTensor[] {
  const names = new Set(tensors.map(({ name }) => name))
  return tensors.flatMap((tensor): AdaptedTensor[] => {
    const { name, ldm, shape, ...rest } = tensor
    const [bias, isLayer] = [toBias(name), shape.length > 1 && !/embedding\.weight$/.test(name)]
    if (bias === name || !isLayer || names.has(bias)) return [{ tensor }]
    return [{ tensor }, { tensor: { ...rest, name: bias, ldm: toBias(ldm), shape: shape.slice(0, 1) }, isAbsent: true }]
  })
}

const toBias = (name: string): string => name.replace(/\bweight$/, 'bias')
