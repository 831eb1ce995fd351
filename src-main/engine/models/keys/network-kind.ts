import { LoomError } from '#core/errors.ts'
import type { BaseFamily } from '#core/families/families.ts'
import type { Naming } from '#core/families/family.ts'
import type { Dtype } from '#core/formats/safetensors.ts'
import { whyUnreadable } from '../../files/decode-numbers.ts'
import type { Network } from '../checkpoint.ts'
import { refuseScattered, type TensorRef } from '../weights.ts'

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
  /** Whether a file has any tensor of the layer or block with this name. */
  readonly has: (path: string) => boolean
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
  const shape = shapeOf(name)
  if (!shape) throw new MissingTensor(name)
  const size = shape[dimension]
  if (size) return size
  throw new LoomError('mismatch', `Its tensor "${name}" is empty or has another rank than expected.`)
}

/** Thrown where a config cannot be read without a tensor. */
class MissingTensor extends LoomError {
  readonly tensor: string

  constructor(tensor: string) {
    super('mismatch', `Its tensor "${tensor}" is missing.`)
    this.tensor = tensor
  }
}

/** Number of consecutive blocks `name(0)`, `name(1)`, ... */
export function count(has: Source['has'], name: (index: number) => string): number {
  let index = 0
  while (has(name(index))) index++
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
  const { naming } = part
  const config = readConfig(kind, part, family)
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
    refuseScattered(whole)
    const ref = naming === 'ldm' ? pieceOf(whole, tensor) : whole
    tensors.set(tensor.name, { ...ref, shape: fitShape(kind.label, ref, tensor.shape) })
  }
  if (missing.length > 0) throw incomplete(kind.label, missing, tensors.size)
  const foreign = Array.from(left.keys()).filter((name) => !kind.ignored.test(name))
  if (foreign.length > 0) {
    const message = `The ${kind.label} has ${foreign.length} tensors that no plain ${kind.label} has, first ${foreign[0]}.`
    throw new LoomError('unsupported', message, {
      hint: 'It was extended or is of another architecture; take the plain model.',
    })
  }
  return { network: { config, weights: { tensors, deltas: new Map() } }, unused: Array.from(left.values()) }
}

/**
 * The config of a network. If it depends on a tensor that is missing, any size stands for that one, to count what else is there.
 * @throws LoomError as `NetworkKind.read`, or with how many tensors of all are missing
 */
function readConfig<Config>(kind: NetworkKind<Config>, part: PartFile, family: BaseFamily): Config {
  const likelyShape = (name: string) => {
    const bias = part.tensors.get(name.replace(/weight$/, 'bias'))?.shape
    return [bias?.[0] ?? anyRows, ...anyRest]
  }
  const paths = pathsOf(part.tensors.keys())
  const invented = new Set<string>()
  const source = {
    naming: part.naming,
    shapeOf: (name: string) => part.tensors.get(name)?.shape ?? (invented.has(name) ? likelyShape(name) : undefined),
    has: (path: string) => paths.has(path),
    json: part.json,
    family,
  }
  try {
    return kind.read(source)
  } catch (error) {
    if (!(error instanceof MissingTensor)) throw error
    const config = inventing(kind, source, invented)
    if (config === undefined) throw error
    const all = Array.from(kind.tensors(config))
    const missing = all.filter((tensor) => !namesOf(tensor, part.naming).some((name) => part.tensors.has(name)))
    const names = missing.map(({ name }) => name)
    if (names.length === all.length) throw error
    throw incomplete(kind.label, names, all.length - names.length)
  }
}

/** Many heads divide it, and a UNet takes so many channels. */
const [anyRows, anyRest] = [3840, [4, 3, 3]]
/** Sizes that a config takes from tensors by their names. */
const mostInvented = 20

/** Reads a config with any size for each tensor that it asks for in vain. Undefined if that makes no sense. */
function inventing<Config>(kind: NetworkKind<Config>, source: Source, invented: Set<string>): Config | undefined {
  while (invented.size < mostInvented) {
    try {
      return kind.read(source)
    } catch (error) {
      if (!(error instanceof MissingTensor)) return undefined
      invented.add(error.tensor)
    }
  }
  return undefined
}

/** Names, and those of the blocks and layers that they lie in. */
function pathsOf(names: Iterable<string>): Set<string> {
  const paths = new Set<string>()
  for (const name of names) {
    for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) paths.add(name.slice(0, end))
  }
  return paths
}

/** Share of its tensors with which a network is this one with a part missing, not another one. */
const recognisable = 0.5

function incomplete(label: string, missing: readonly string[], found: number): LoomError {
  const all = found + missing.length
  const message = `The ${label} lacks ${missing.length} of ${all} tensors, first ${missing[0]}.`
  return new LoomError('mismatch', message, {
    hint:
      found >= recognisable * all
        ? `The other ${found} are there: the file was probably cut off or pruned. Download it again.`
        : 'It is probably of another architecture; take another one.',
  })
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
