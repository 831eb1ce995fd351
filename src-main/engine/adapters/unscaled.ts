import { LoomError } from '#core/errors.ts'
import { type AdapterRole, nameOfRole } from '#core/formats/adapter-names.ts'
import { isNumeric, whyUnreadable } from '../files/decode-numbers.ts'
import { count } from '../models/networks/stored.ts'
import { type ChangeOf, type Product, refuseScattered, type TensorRef } from '../models/weights.ts'
import type { AdapterModule, IdleModule } from './adapter.ts'
import {
  damaged,
  hasAny,
  Incomplete,
  type Module,
  type ModuleSettings,
  need,
  problem,
  type Reader,
  type UnscaledModule,
  unscaledModule,
} from './module.ts'
import { multipliers } from './multipliers.ts'
import type { Pieces } from './names.ts'

/** What to do about modules that lack tensors. */
export const incompleteHint = 'The file is incomplete; download it again.'

type Direction = ChangeOf<'dora'>['direction']
type Shape = readonly number[]

type DirectionReader = (module: Module) => UnscaledModule<Direction> | undefined

const directions: readonly DirectionReader[] = [
  lora,
  loha,
  lokr,
  glora,
  tensor('diff', 'weight'),
  tensor('weightNorm', 'weight'),
]
const others: readonly Reader[] = [
  replacement('replacement', 'weight'),
  replacement('savedWeight', 'weight'),
  replacement('savedBias', 'bias'),
  ...multipliers,
  loraBias,
  tensor('biasDiff', 'bias'),
  tensor('biasNorm', 'bias'),
]

/**
 * The changes of a layer's weight and bias that a module's tensors describe, or why they describe none.
 * @throws LoomError `mismatch` for shapes that do not fit, `unsupported` for dtypes
 */
export function readModule(
  name: string,
  pieces: Pieces,
  settings: ModuleSettings,
): readonly UnscaledModule[] | IdleModule {
  const reason = emptiness(pieces)
  if (reason !== undefined) return { name, reason }
  try {
    const changes = readChanges({ name, pieces, ...settings })
    if (changes.length > 0) return changes
    const has = Array.from(pieces.keys(), nameOfRole).join(' and ')
    return { name, reason: `it has only ${has}`, incomplete: true }
  } catch (error) {
    if (error instanceof Incomplete) return { name, reason: error.message, incomplete: true }
    throw error
  }
}

/** Why a module has nothing to add, as a clause; undefined if it may have. Trainers leave such modules behind. */
function emptiness(pieces: Pieces): string | undefined {
  const tensors = Array.from(pieces).filter(([role]) => role !== 'alpha' && role !== 'onInput')
  if (tensors.length === 0) return 'it has only an alpha'
  return tensors.some(([, { shape }]) => count(shape) === 0) ? 'its rank is 0' : undefined
}

function readChanges(module: Module): UnscaledModule[] {
  const { pieces } = module
  for (const ref of pieces.values()) {
    if (!isNumeric(ref.dtype)) throw problem('unsupported', module, `cannot be read: ${whyUnreadable(ref.dtype)}`)
    refuseScattered(ref)
  }
  const changes = directions.flatMap((reader) => reader(module) ?? [])
  const magnitude = pieces.get('magnitude') ?? pieces.get('doraScale')
  if (magnitude && changes.length === 0) throw new Incomplete('it has a magnitude and no direction')
  const weights = magnitude ? changes.map((direction) => dora(module, direction, magnitude)) : changes
  return [...weights, ...others.flatMap((reader) => reader(module) ?? [])]
}

function lora(module: Module): UnscaledModule<Direction> | undefined {
  if (!hasAny(module, ['up', 'down', 'mid', 'values'])) return undefined
  const { product, shape, rank } = readProduct(module, { left: 'up', right: 'down', core: 'mid' })
  const diagonal = module.pieces.get('values')
  if (diagonal && count(diagonal.shape) !== rank) {
    throw problem('mismatch', module, `has [${diagonal.shape}] singular values for the rank ${rank}`)
  }
  const valued = { ...product, ...(diagonal && { diagonal }) }
  return unscaledModule(module, shape, (scale) => ({ kind: 'lora', scale, product: valued }), rank)
}

function loha(module: Module): UnscaledModule<Direction> | undefined {
  if (!hasAny(module, ['hadaW1a', 'hadaW1b', 'hadaW2a', 'hadaW2b'])) return undefined
  const first = readProduct(module, { left: 'hadaW1a', right: 'hadaW1b', core: 'hadaT1', turnedByCore: true })
  const second = readProduct(module, { left: 'hadaW2a', right: 'hadaW2b', core: 'hadaT2', turnedByCore: true })
  if (String(first.shape) !== String(second.shape)) {
    throw problem('mismatch', module, `multiplies [${first.shape}] by [${second.shape}]`)
  }
  const products = [first.product, second.product] as const
  return unscaledModule(
    module,
    first.shape,
    (scale) => ({ kind: 'loha', scale, products }),
    first.product.right.shape[0],
  )
}

function lokr(module: Module): UnscaledModule<Direction> | undefined {
  const roles = ['lokrW1', 'lokrW1a', 'lokrW1b', 'lokrW2', 'lokrW2a', 'lokrW2b'] as const
  if (!hasAny(module, roles)) return undefined
  const first = readFactor(module, 'lokrW1', { left: 'lokrW1a', right: 'lokrW1b' })
  const second = readFactor(module, 'lokrW2', {
    left: 'lokrW2a',
    right: 'lokrW2b',
    core: 'lokrT2',
    turnedByCore: true,
  })
  const [a = 1, ...columns] = first.shape
  const [c = 1, d = 1, ...kernel] = second.shape
  const factors = [first.factor, second.factor] as const
  // the scale divides by the rank, which whole factors do not have
  const rank = second.rank ?? first.rank
  return unscaledModule(
    module,
    [a * c, count(columns) * d, ...kernel],
    (scale) => ({ kind: 'lokr', scale, factors }),
    rank,
  )
}

/** Reads GLoRA. The right factors are `a1` and `b1` in older files, but `a2` and `b2` in LyCORIS. */
function glora(module: Module): UnscaledModule<Direction> | undefined {
  if (!hasAny(module, ['a1', 'a2', 'b1', 'b2'])) return undefined
  const [[first = 0, second = 0], [from, to]] = [need(module, 'b1').shape, need(module, 'b2').shape]
  // for a square weight both fit; the rank is the smaller size
  const older = first === to && (second !== from || first <= second)
  const onWeight = readProduct(module, older ? { left: 'a2', right: 'a1' } : { left: 'a1', right: 'a2' })
  const beside = readProduct(module, older ? { left: 'b2', right: 'b1' } : { left: 'b1', right: 'b2' })
  const products = { onWeight: onWeight.product, beside: beside.product }
  return unscaledModule(module, beside.shape, (scale) => ({ kind: 'glora', scale, ...products }), beside.rank)
}

/** Reads a difference that is stored in full. */
function tensor(role: AdapterRole, parameter: AdapterModule['parameter']): DirectionReader {
  return (module) => {
    const ref = module.pieces.get(role)
    return (
      ref && { ...unscaledModule(module, ref.shape, () => ({ kind: 'difference', scale: 1, tensor: ref })), parameter }
    )
  }
}

/** Reads the bias of the upper half, which is also scaled by alpha / rank. */
function loraBias(module: Module): UnscaledModule<Direction> | undefined {
  const ref = module.pieces.get('upBias')
  if (!ref) return undefined
  const { rank } = readProduct(module, { left: 'up', right: 'down', core: 'mid' })
  const change = (scale: number) => ({ kind: 'difference', scale, tensor: ref }) as const
  return { ...unscaledModule(module, ref.shape, change, rank), parameter: 'bias' }
}

/** Reads what takes the place of a weight or a bias. */
function replacement(role: AdapterRole, parameter: AdapterModule['parameter']): Reader {
  return (module) => {
    const ref = module.pieces.get(role)
    const change = (tensor: TensorRef) => () => ({ kind: 'replacement', scale: 1, tensor }) as const
    return ref && { ...unscaledModule(module, ref.shape, change(ref)), parameter }
  }
}

/**
 * Reads DoRA. A `dora_scale` whose first axis has the size of the outputs applies to them, otherwise to the inputs. Trainers
 * (PEFT, LyCORIS, OneTrainer) divide by the lengths of the sum. ComfyUI divides rows by those of the weight, which counts
 * where the file does not say what trained it.
 */
function dora(
  module: Module,
  { change, ...unscaled }: UnscaledModule<Direction>,
  magnitude: TensorRef,
): UnscaledModule {
  const peft = module.pieces.has('magnitude')
  const axis = peft || magnitude.shape[0] === unscaled.shape[0] ? 'out' : 'in'
  const [out, inner] = unscaled.shape
  const lengths = count(magnitude.shape)
  if (axis === 'out' ? lengths !== out : (inner ?? 0) % Math.max(lengths, 1) !== 0) {
    throw problem('mismatch', module, `has magnitudes [${magnitude.shape}] for a weight [${unscaled.shape}]`)
  }
  const lengthsOf = axis === 'in' || peft || module.namesTrainer ? 'sum' : 'weight'
  return {
    ...unscaled,
    change: (scale) => ({ kind: 'dora', scale: 1, direction: change(scale), magnitude, axis, lengthsOf }),
  }
}

interface ProductRoles {
  readonly left: AdapterRole
  readonly right: AdapterRole
  readonly core?: AdapterRole
  /** With a core, the left factor is stored as `(rank, out)`. */
  readonly turnedByCore?: true
}

/** @throws LoomError `parse`, `mismatch` */
function readProduct(module: Module, roles: ProductRoles): { product: Product; shape: Shape; rank: number } {
  const [left, right] = [need(module, roles.left), need(module, roles.right)]
  const core = roles.core && module.pieces.get(roles.core)
  const turned = roles.turnedByCore && core !== undefined
  const [first = 0, second = 0, ...pointwise] = left.shape
  const [out, rank] = turned ? [second, first] : [first, second]
  const [rightRank = 0, ...rest] = right.shape
  const [coreLeft = rank, coreRight = rightRank, ...kernel] = core?.shape ?? [rank, rank]
  const fit =
    rank > 0 &&
    count(pointwise) === 1 &&
    left.shape.length >= 2 &&
    right.shape.length >= 2 &&
    coreLeft === rank &&
    coreRight === rightRank &&
    (!core || count(rest) === rest[0])
  if (!fit) {
    const shapes = [roles.left, roles.right, roles.core]
      .flatMap((role) => {
        const ref = role && module.pieces.get(role)
        return ref ? [`${nameOfRole(role)} is [${ref.shape.join(', ')}]`] : []
      })
      .join(', ')
    throw new LoomError('mismatch', `The ranks of the adapter's module ${module.name} do not fit: ${shapes}.`, {
      hint: damaged,
    })
  }
  const product = { left, right, ...(core && { core }), ...(turned && { turned }) }
  return { product, shape: core ? [out, rest[0] ?? 0, ...kernel] : [out, ...rest], rank: rightRank }
}

/** Reads a factor of a Kronecker product: a whole tensor, or a product itself. */
function readFactor(
  module: Module,
  whole: AdapterRole,
  roles: ProductRoles,
): { factor: TensorRef | Product; shape: Shape; rank?: number } {
  const ref = module.pieces.get(whole)
  if (ref) return { factor: ref, shape: ref.shape }
  const { product, ...rest } = readProduct(module, roles)
  return { factor: product, ...rest }
}
