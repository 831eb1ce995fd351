import { LoomError } from '#core/errors.ts'
import type { BaseFamily } from '#core/families/families.ts'
import type { Naming } from '#core/families/family.ts'
import type { Network } from '../checkpoint.ts'
import { isReadable } from '../networks/stored.ts'
import type { TensorRef } from '../weights.ts'

/** One tensor that a network of some config consists of. */
export interface NetworkTensor {
  /** diffusers' name, the one that networks are built with. */
  readonly name: string
  /** The single file's name, without the part's prefix. */
  readonly ldm: string
  /** The rows of the tensor with LDM's name that it is, where that holds several side by side. */
  readonly ldmRows?: readonly [start: number, end: number]
  /** Whether it is the other way round there than a linear layer. */
  readonly ldmTurned?: true
  /** Its shape there, where that has axes of size 1 more. */
  readonly ldmShape?: readonly number[]
  /** What older files of either naming call it. */
  readonly older?: string
  readonly shape: readonly number[]
}

/** The shape of the tensor that a file calls so, if it has it. */
export type ShapeOf = (name: string) => readonly number[] | undefined

/** What a config is read from. */
export interface Source {
  readonly naming: Naming
  readonly shapeOf: ShapeOf
  /** The folder's `config.json`. */
  readonly json: unknown
  readonly family: BaseFamily
}

/** What there is to know of a sort of network to read it from a file. */
export interface NetworkKind<Config> {
  /** Its name in sentences. */
  readonly label: string
  /**
   * The config that the shapes tell; the rest is the family's rule, or what the `config.json` of a folder says.
   * @throws LoomError `mismatch`, `unsupported`
   */
  readonly read: (source: Source) => Config
  /** Every tensor of a network of that config: the key map and the shapes in one. */
  readonly tensors: (config: Config) => Iterable<NetworkTensor>
  /** Tensors that files carry and no network needs. */
  readonly ignored: RegExp
}

/** A network's tensors as one file or folder names them, the part's prefix taken off. */
export interface PartFile {
  readonly naming: Naming
  readonly tensors: ReadonlyMap<string, TensorRef>
  /** The folder's `config.json`. */
  readonly json?: unknown
}

/** A weight and its bias; with a shape of one dimension, a norm. */
export function* layer(name: string, ldm: string, shape: readonly number[]): Generator<NetworkTensor> {
  yield { name: `${name}.weight`, ldm: `${ldm}.weight`, shape }
  yield { name: `${name}.bias`, ldm: `${ldm}.bias`, shape: shape.slice(0, 1) }
}

/**
 * Size of a dimension.
 * @throws LoomError `mismatch` if there is no such tensor or it has fewer dimensions.
 */
export function sizeOf(shapeOf: ShapeOf, name: string, dimension: number): number {
  const size = shapeOf(name)?.[dimension]
  if (size) return size
  throw new LoomError('mismatch', `Its tensor "${name}" is missing, empty or has another rank than expected.`)
}

/** How many of `name(0)`, `name(1)`, ... there are. */
export function count(shapeOf: ShapeOf, name: (index: number) => string): number {
  let index = 0
  while (shapeOf(name(index))) index++
  return index
}

/**
 * Reads a network: its config from the shapes, then every tensor that the config asks for, by its canonical name and shape.
 * What is left over and not known as ignorable means that it is another network, not that it may be skipped.
 *
 * @throws LoomError `mismatch` naming the first tensor that is missing, too many or of another shape; `unsupported` for
 * numbers that no network computes with.
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

function checkDtype(label: string, { name, dtype }: TensorRef): void {
  if (isReadable(dtype)) return
  throw new LoomError(
    'unsupported',
    `The ${label} has ${dtype} weights (${name}); F32, F16, BF16, F8_E4M3 and F8_E5M2 can be read.`,
    { hint: 'Take the float16 version of the same model.' },
  )
}

/** What a tensor under LDM's name holds of the network. */
function pieceOf(whole: TensorRef, { ldmRows, ldmTurned }: NetworkTensor): TensorRef {
  if (ldmTurned) return { ...whole, shape: whole.shape.toReversed(), turned: true }
  return ldmRows ? rowsOf(whole, ldmRows) : whole
}

/** Rows of a tensor are one run of its bytes. */
function rowsOf(ref: TensorRef, [start, end]: readonly [number, number]): TensorRef {
  const [rows = 0, ...rest] = ref.shape
  const rowBytes = ref.byteLength / Math.max(rows, 1)
  const [offset, byteLength] = [ref.offset + start * rowBytes, (end - start) * rowBytes]
  return { ...ref, shape: [Math.min(end, rows) - Math.min(start, rows), ...rest], offset, byteLength }
}

/** 1x1 convolutions and linear layers hold the same numbers: a shape may lack or carry trailing ones. */
function fitShape(label: string, ref: TensorRef, shape: readonly number[]): readonly number[] {
  if (withoutTrailingOnes(ref.shape).join() === withoutTrailingOnes(shape).join()) return shape
  throw new LoomError(
    'mismatch',
    `The ${label}'s tensor ${ref.name} has the shape [${ref.shape.join(', ')}] where [${shape.join(', ')}] is expected.`,
    { hint: 'The file is damaged or of another architecture; take another one.' },
  )
}

/** `[320, 320, 1, 1]` and `[320, 320]` alike. */
export function withoutTrailingOnes(shape: readonly number[]): readonly number[] {
  return shape.slice(0, shape.findLastIndex((size) => size !== 1) + 1)
}
