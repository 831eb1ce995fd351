import { LoomError } from '#core/errors.ts'
import type { BaseFamily } from '#core/families/families.ts'
import type { Naming } from '#core/families/family.ts'
import type { Dtype } from '#core/formats/safetensors.ts'
import { whyUnreadable } from '../../files/decode-numbers.ts'
import type { Network } from '../checkpoint.ts'
import type { TensorRef } from '../weights.ts'

/** A tensor of a network with a given config. */
export interface NetworkTensor {
  /** Name in diffusers, which is used to build networks. */
  readonly name: string
  /** Name in a single file, without the part's prefix. */
  readonly ldm: string
  /** Its rows in the LDM tensor, if that stacks several weights. */
  readonly ldmRows?: readonly [start: number, end: number]
  /** The LDM tensor is transposed. */
  readonly ldmTurned?: true
  /** Shape of the LDM tensor, if it has additional axes of size 1. */
  readonly ldmShape?: readonly number[]
  /** Name in older files of either naming. */
  readonly older?: string
  readonly shape: readonly number[]
}

/** The shape of the tensor with this name in a file. Undefined if it is missing. */
export type ShapeOf = (name: string) => readonly number[] | undefined

/** The sources of a config. */
export interface Source {
  readonly naming: Naming
  readonly shapeOf: ShapeOf
  /** The folder's `config.json`. */
  readonly json: unknown
  readonly family: BaseFamily
}

/** Rules for reading a kind of network from a file. */
export interface NetworkKind<Config> {
  /** Name in messages. */
  readonly label: string
  /**
   * Reads the config from the shapes. The rest comes from the family or the `config.json` of a folder.
   * @throws LoomError `mismatch`, `unsupported`
   */
  readonly read: (source: Source) => Config
  /** All tensors of a network with this config, with names and shapes. */
  readonly tensors: (config: Config) => Iterable<NetworkTensor>
  /** Tensors in files that no network needs. */
  readonly ignored: RegExp
}

/** A network's tensors as named in a file or folder, without the part's prefix. */
export interface PartFile {
  readonly naming: Naming
  readonly tensors: ReadonlyMap<string, TensorRef>
  /** The folder's `config.json`. */
  readonly json?: unknown
}

/** A layer's weight and bias. A one-dimensional shape is that of a norm. */
export function* layer(name: string, ldm: string, shape: readonly number[]): Generator<NetworkTensor> {
  yield { name: `${name}.weight`, ldm: `${ldm}.weight`, shape }
  yield { name: `${name}.bias`, ldm: `${ldm}.bias`, shape: shape.slice(0, 1) }
}

/**
 * Size of a dimension.
 * @throws LoomError `mismatch` if the tensor is missing or has fewer dimensions
 */
export function sizeOf(shapeOf: ShapeOf, name: string, dimension: number): number {
  const size = shapeOf(name)?.[dimension]
  if (size) return size
  throw new LoomError('mismatch', `Its tensor "${name}" is missing, empty or has another rank than expected.`)
}

/** Number of consecutive tensors `name(0)`, `name(1)`, ... */
export function count(shapeOf: ShapeOf, name: (index: number) => string): number {
  let index = 0
  while (shapeOf(name(index))) index++
  return index
}

/**
 * Reads a network: its config from the shapes, then every tensor of this config by canonical name and shape. Additional
 * tensors that are not in `ignored` are an error, because they mean that it is a different network.
 *
 * @throws LoomError `mismatch` with the first tensor that is missing, unexpected or of another shape; `unsupported` for
 *   dtypes that networks cannot use
 */
export function readNetwork<Config>(
  kind: NetworkKind<Config>,
  part: PartFile,
  family: BaseFamily,
): { network: Network<Config>; unused: TensorRef[] } {
  const { naming, json } = part
  const config = kind.read({ naming, shapeOf: (name) => part.tensors.get(name)?.shape, json, family })
  const tensors = new Map<string, TensorRef>()
  const left = new Map(part.tensors)
  const missing: string[] = []
  for (const tensor of kind.tensors(config)) {
    const fileName = namesOf(tensor, naming).find((name) => part.tensors.has(name))
    const whole = fileName === undefined ? undefined : part.tensors.get(fileName)
    if (fileName === undefined || !whole) {
      missing.push(tensor.name)
      continue
    }
    left.delete(fileName)
    checkDtype(kind.label, whole)
    const ref = naming === 'ldm' ? pieceOf(whole, tensor) : whole
    tensors.set(tensor.name, { ...ref, shape: fitShape(kind.label, ref, tensor.shape) })
  }
  if (missing.length > 0) {
    const all = tensors.size + missing.length
    throw new LoomError(
      'mismatch',
      `The ${kind.label} lacks ${missing.length} of ${all} tensors, first ${missing[0]}.`,
      {
        hint: 'The file is incomplete or of another architecture; download it again or take another one.',
      },
    )
  }
  const foreign = Array.from(left.keys()).filter((name) => !kind.ignored.test(name))
  if (foreign.length > 0) {
    const message = `The ${kind.label} has ${foreign.length} tensors that no plain ${kind.label} has, first ${foreign[0]}.`
    throw new LoomError('unsupported', message, {
      hint: 'It was extended or is of another architecture; take the plain model.',
    })
  }
  return { network: { config, weights: { tensors, deltas: new Map() } }, unused: Array.from(left.values()) }
}

function namesOf(tensor: NetworkTensor, naming: Naming): string[] {
  const name = naming === 'ldm' ? tensor.ldm : tensor.name
  return tensor.older === undefined ? [name] : [name, tensor.older]
}

/** Matrices of these are what a quantiser leaves. Its scales, without which they mean nothing, may be anywhere. */
const quantized: ReadonlySet<Dtype> = new Set(['I8', 'U8', 'BOOL'])

function checkDtype(label: string, { name, dtype, shape }: TensorRef): void {
  const why = quantized.has(dtype) && shape.length > 1 ? `${dtype} holds quantised numbers` : whyUnreadable(dtype)
  if (why === undefined) return
  throw new LoomError('unsupported', `The ${label} has weights that cannot be read (${name}): ${why}.`, {
    hint: 'Take the float16 version of the same model.',
  })
}

/** The part of an LDM tensor that holds this weight. */
function pieceOf(whole: TensorRef, { ldmRows, ldmTurned }: NetworkTensor): TensorRef {
  if (ldmTurned) return { ...whole, shape: whole.shape.toReversed(), turned: true }
  return ldmRows ? rowsOf(whole, ldmRows) : whole
}

/** Some rows of a tensor, which are contiguous bytes. */
function rowsOf(ref: TensorRef, [start, end]: readonly [number, number]): TensorRef {
  const [rows = 0, ...rest] = ref.shape
  const rowBytes = ref.byteLength / Math.max(rows, 1)
  const [offset, byteLength] = [ref.offset + start * rowBytes, (end - start) * rowBytes]
  return { ...ref, shape: [Math.min(end, rows) - Math.min(start, rows), ...rest], offset, byteLength }
}

/** Checks a shape. Trailing ones do not matter, because 1x1 convolutions and linear layers hold the same numbers. */
function fitShape(label: string, ref: TensorRef, shape: readonly number[]): readonly number[] {
  if (withoutTrailingOnes(ref.shape).join() === withoutTrailingOnes(shape).join()) return shape
  throw new LoomError(
    'mismatch',
    `The ${label}'s tensor ${ref.name} has the shape [${ref.shape.join(', ')}] where [${shape.join(', ')}] is expected.`,
    { hint: 'The file is damaged or of another architecture; take another one.' },
  )
}

/** `[320, 320]` for both `[320, 320, 1, 1]` and `[320, 320]`. */
function withoutTrailingOnes(shape: readonly number[]): readonly number[] {
  return shape.slice(0, shape.findLastIndex((size) => size !== 1) + 1)
}
