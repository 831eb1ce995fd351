import { LoomError } from '#core/errors.ts'
import {
  type Pickled,
  PickledCall,
  PickledName,
  PickledReference,
  PickleEnds,
  type PickleRules,
  readPickle,
} from './pickle.ts'
import { bitsOf, type Dtype, type SafetensorsHeader, type TensorInfo, type TensorLayout } from './safetensors.ts'
import { contentStart, type RandomAccess, readZipDirectory } from './zip.ts'

/** Dtypes by the storages of torch. A storage without a type gets its tensors' own. */
const storages: ReadonlyMap<string, Dtype | undefined> = new Map<string, Dtype | undefined>([
  ['torch.FloatStorage', 'F32'],
  ['torch.DoubleStorage', 'F64'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
  ['torch.ComplexFloatStorage', 'C64'],
  ['torch.storage.UntypedStorage', undefined],
])

/** Dtypes by their names in torch. */
const dtypes: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ['torch.float32', 'F32'],
  ['torch.float64', 'F64'],
  ['torch.float16', 'F16'],
  ['torch.bfloat16', 'BF16'],
  ['torch.int64', 'I64'],
  ['torch.int32', 'I32'],
  ['torch.int16', 'I16'],
  ['torch.int8', 'I8'],
  ['torch.uint8', 'U8'],
  ['torch.uint16', 'U16'],
  ['torch.uint32', 'U32'],
  ['torch.uint64', 'U64'],
  ['torch.bool', 'BOOL'],
  ['torch.complex64', 'C64'],
  ['torch.float8_e4m3fn', 'F8_E4M3'],
  ['torch.float8_e5m2', 'F8_E5M2'],
  ['torch.float8_e4m3fnuz', 'F8_E4M3FNUZ'],
  ['torch.float8_e5m2fnuz', 'F8_E5M2FNUZ'],
  ['torch.float8_e8m0fnu', 'F8_E8M0'],
])

/** What a tensor record says, in elements of its storage. */
interface Rebuilt {
  readonly storage: Pickled
  readonly offset: Pickled
  readonly shape: Pickled
  readonly strides: Pickled
  readonly dtype?: Pickled
  /** Marks of a tensor whose numbers have another sign than they are stored with. */
  readonly flags: Pickled
}

type Rebuild = (args: readonly Pickled[]) => Rebuilt | Pickled

/** Functions of torch that make tensors. They are read as records. */
const rebuilders: ReadonlyMap<string, Rebuild> = new Map<string, Rebuild>([
  ['torch._utils._rebuild_tensor', rebuilt],
  ['torch._utils._rebuild_tensor_v2', rebuilt],
  [
    'torch._utils._rebuild_tensor_v3',
    (args: readonly Pickled[]) => ({ ...rebuilt(args), dtype: args[6] ?? null, flags: args[7] ?? null }),
  ],
  ['torch._utils._rebuild_parameter', ([data = null]: readonly Pickled[]) => data],
  ['torch._utils._rebuild_parameter_with_state', ([data = null]: readonly Pickled[]) => data],
])

function rebuilt([
  storage = null,
  offset = null,
  shape = null,
  strides = null,
  ,
  ,
  flags = null,
]: readonly Pickled[]): Rebuilt {
  return { storage, offset, shape, strides, flags }
}

/** Modules whose state holds tensors by name: the first textual inversions are such. */
const modules = new Set(['torch.nn.modules.container.ParameterDict', 'torch.nn.modules.container.ParameterList'])

/** Containers of Python. */
const plain = new Set([
  'collections.OrderedDict',
  'collections.defaultdict',
  ...['dict', 'set', 'list', 'int', 'float', 'str', 'bool'].map((name) => `builtins.${name}`),
])

/** What trainers leave beside the tensors. Records of them are passed over; nothing of them is loaded or run. */
const bystanders =
  /^(pytorch_lightning|lightning|lightning_fabric|omegaconf)\.|^(numpy\.(core|_core)\.multiarray\.scalar|numpy\.dtype|_codecs\.encode|argparse\.Namespace|typing\.Any|torch\.(Size|device)|torch\.nn\.parameter\.Parameter|pathlib\.(Posix|Windows|Pure\w+)Path)$/

const allows = (name: string): boolean =>
  storages.has(name) ||
  dtypes.has(name) ||
  rebuilders.has(name) ||
  modules.has(name) ||
  plain.has(name) ||
  bystanders.test(name)

const rules: PickleRules = {
  allows,
  // before zip, classes came with their source: ('module', class, file, source)
  resolve: (id) =>
    Array.isArray(id) && id[0] === 'module' && id[1] instanceof PickledName ? id[1] : new PickledReference(id),
}

/** Bytes of a pickle at most. That of SDXL has half a megabyte. */
const maxPickle = 64 * 2 ** 20
const firstRead = 2 ** 20
const maxTensors = 250_000
/** Values that are looked at, and levels of lists and dictionaries, in case a pickle holds one list many times over. */
const maxValues = 2_000_000
const maxDepth = 16
/** Settings beside the tensors, such as `global_step`. */
const maxSettings = 1000

/** Where the elements of each storage are, by its key. */
type Places = (key: string, bytes: number) => Promise<number>

/**
 * Reads the header of a file that `torch.save` wrote, as if it were a safetensors file: the tensors stay where they are.
 * Nothing of its pickle is executed. Of a training checkpoint only its `state_dict` counts.
 * @throws LoomError `unsupported` for what is no tensor file, `parse`, `limit`
 */
export async function readTorchHeader(file: RandomAccess): Promise<SafetensorsHeader> {
  const isZip = (await file.read(0, Math.min(2, file.size))).join() === '80,75'
  const { value, places, bigEndian } = isZip ? await readZip(file) : await readLegacy(file)
  const root = value instanceof Map && value.get('state_dict') instanceof Map ? value.get('state_dict') : value
  const found = new Map<string, Rebuilt>()
  collect(root ?? null, '', found, { values: 0, depth: 0 })
  if (found.size === 0) {
    throw new LoomError('unsupported', 'It is a PyTorch pickle that holds no tensors.', {
      hint: 'It is no model and no embedding. Get the .safetensors version, or download the file again.',
    })
  }
  const tensors = new Map<string, TensorInfo>()
  for (const [name, tensor] of found)
    tensors.set(name, await inform(name, tensor, { places, bigEndian, most: file.size }))
  return { tensors, metadata: settingsOf(value), dataOffset: 0 }
}

interface Contents {
  readonly value: Pickled
  readonly places: Places
  readonly bigEndian: boolean
}

/** The format since torch 1.6: a zip file with the pickle and a file for each storage, none of them compressed. */
async function readZip(file: RandomAccess): Promise<Contents> {
  const entries = await readZipDirectory(file)
  const pickle = Array.from(entries.keys()).find((name) => /^([^/]+\/)?data\.pkl$/.test(name))
  if (pickle === undefined) {
    throw new LoomError('unsupported', 'It is a zip archive without a pickle of PyTorch.', {
      hint: 'Unpack it and use the file inside.',
    })
  }
  const folder = pickle.slice(0, -'data.pkl'.length)
  const contentOf = async (name: string) => {
    const entry = entries.get(name)
    if (!entry) return undefined
    if (!entry.stored) {
      throw new LoomError('unsupported', 'Its tensors are compressed, which torch.save never does.', {
        hint: 'Load it with torch where you trust it, and save it as .safetensors.',
      })
    }
    return { start: await contentStart(file, entry), size: entry.size }
  }
  const read = async (name: string, most: number) => {
    const content = await contentOf(name)
    if (content && content.size > most) throw new LoomError('limit', `Its ${name} has ${content.size} bytes.`)
    return content && file.read(content.start, content.start + content.size)
  }
  const bytes = (await read(pickle, maxPickle)) ?? new Uint8Array()
  const order = new TextDecoder().decode(await read(`${folder}byteorder`, 64))
  const known = new Map<string, ReturnType<typeof contentOf>>()
  return {
    value: readPickle(bytes, 0, rules).value,
    bigEndian: order.trim() === 'big',
    async places(key, size) {
      const found = known.get(key) ?? contentOf(`${folder}data/${key}`)
      known.set(key, found)
      const content = await found
      if (!content || content.size < size) throw damaged(`its storage ${key} is ${content ? 'too short' : 'missing'}`)
      return content.start
    },
  }
}

const damaged = (what: string): LoomError =>
  new LoomError('parse', `The file is damaged or cut off: ${what}.`, { hint: 'Download the file again.' })

/** What the format before torch 1.6 begins with. */
const legacyMagic = 0x1950a86a20f9469cfc6cn

/**
 * The format before torch 1.6: pickles of a number, a version, the system, the value and the keys of the storages, then
 * the storages, each after its number of elements. They are little-endian on every machine. A pickle by itself is a
 * value without storages.
 */
async function readLegacy(file: RandomAccess): Promise<Contents> {
  const pickles = new PickleSequence(file)
  const first = await pickles.next()
  if (first !== legacyMagic) {
    const places: Places = async (key) => {
      throw damaged(`its storage ${key} is missing`)
    }
    return { value: first, places, bigEndian: false }
  }
  await pickles.next()
  await pickles.next()
  const value = await pickles.next()
  const keys = await pickles.next()
  const storages = storagesIn(value)
  const starts = new Map<string, { start: number; bytes: number }>()
  let at = pickles.at
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined
    if (!storage || at + 8 > file.size) throw damaged('a storage is missing')
    const elements = new DataView((await file.read(at, at + 8)).slice().buffer).getBigInt64(0, true)
    if (Number(elements) !== storage.elements) throw damaged(`its storage ${storage.key} has ${elements} elements`)
    const bytes = bytesOf(storage)
    starts.set(storage.key, { start: at + 8, bytes })
    at += 8 + bytes
  }
  if (at > file.size) throw damaged('a storage is cut off')
  return {
    value,
    bigEndian: false,
    async places(key, size) {
      const place = starts.get(key)
      if (!place || place.bytes < size) throw damaged(`its storage ${key} is ${place ? 'too short' : 'missing'}`)
      return place.start
    },
  }
}

/** Reads one pickle after the other, and more of the file if one goes on. */
class PickleSequence {
  at = 0
  readonly #file: RandomAccess
  #bytes = new Uint8Array()

  constructor(file: RandomAccess) {
    this.#file = file
  }

  async next(): Promise<Pickled> {
    for (;;) {
      try {
        const { value, end } = readPickle(this.#bytes, this.at, rules)
        this.at = end
        return value
      } catch (error) {
        if (!(error instanceof PickleEnds) || this.#bytes.length === this.#file.size) throw error
      }
      if (this.#bytes.length === maxPickle)
        throw new LoomError('limit', `Its pickle is longer than ${maxPickle} bytes.`)
      const length = Math.max(firstRead, this.#bytes.length * 4)
      this.#bytes = new Uint8Array(await this.#file.read(0, Math.min(length, maxPickle, this.#file.size)))
    }
  }
}

interface Storage {
  readonly key: string
  readonly dtype: Dtype | undefined
  /** Of the dtype, or bytes without one. */
  readonly elements: number
  /** First element, in storages that are a part of another. */
  readonly first: number
}

/** A reference of torch: `('storage', type, key, device, elements)`, formerly with the part of another storage. */
function storageOf(value: Pickled): Storage {
  const id = value instanceof PickledReference && Array.isArray(value.id) ? value.id : []
  const [kind, type, key, , elements, view] = id
  const first = Array.isArray(view) ? view[1] : 0
  if (
    kind !== 'storage' ||
    !(type instanceof PickledName) ||
    !storages.has(type.name) ||
    typeof key !== 'string' ||
    !isCount(elements) ||
    !isCount(first)
  ) {
    throw damaged('a tensor has no storage')
  }
  return { key, dtype: storages.get(type.name), elements, first }
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const bytesOf = ({ dtype, elements }: Storage): number => elements * (dtype === undefined ? 1 : bitsOf(dtype) / 8)

/** The storages that a value names, by key. */
function storagesIn(value: Pickled): Map<string, Storage> {
  const found = new Map<string, Storage>()
  const seen = new Set<Pickled>()
  const waiting: Pickled[] = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null || seen.has(next)) continue
    seen.add(next)
    if (next instanceof PickledReference) {
      const storage = storageOf(next)
      found.set(storage.key, storage)
    } else for (const inside of insideOf(next)) waiting.push(inside)
  }
  return found
}

function insideOf(value: Pickled): Iterable<Pickled> {
  if (value instanceof PickledCall) return [...value.args, value.state]
  if (value instanceof Map) return [...value.keys(), ...value.values()]
  return Array.isArray(value) || value instanceof Set ? value : []
}

/** Finds the tensors in nested dictionaries and lists, named by the path to them. */
function collect(
  value: Pickled,
  name: string,
  found: Map<string, Rebuilt>,
  counted: { values: number; depth: number },
): void {
  counted.values += 1
  if (counted.values > maxValues || counted.depth > maxDepth || found.size > maxTensors) {
    throw new LoomError('limit', 'It nests lists too deeply or holds too many values.', {
      hint: 'Such a file is made to exhaust memory. Use another one.',
    })
  }
  const tensor = tensorOf(value)
  if (tensor) {
    if (found.has(name)) throw damaged(`it names the tensor ${JSON.stringify(name)} twice`)
    found.set(name === '' ? 'tensor' : name, tensor)
    return
  }
  const inside = value instanceof PickledCall && modules.has(value.name) ? parametersOf(value.state) : value
  counted.depth += 1
  if (inside instanceof Map) {
    for (const [key, each] of inside) {
      if (typeof key === 'string' || typeof key === 'number') collect(each, join(name, key), found, counted)
    }
  } else if (Array.isArray(inside)) {
    for (const [index, each] of inside.entries()) collect(each, join(name, index), found, counted)
  }
  counted.depth -= 1
}

const join = (name: string, key: string | number): string => (name === '' ? String(key) : `${name}.${key}`)

const parametersOf = (state: Pickled): Pickled => (state instanceof Map ? (state.get('_parameters') ?? null) : null)

/** The tensor that a record describes; undefined for other values. */
function tensorOf(value: Pickled): Rebuilt | undefined {
  let current: Rebuilt | Pickled = value
  // a parameter wraps a tensor
  for (let level = 0; level < 4 && current instanceof PickledCall; level++) {
    const rebuild = rebuilders.get(current.name)
    if (!rebuild) return undefined
    current = rebuild(current.args)
  }
  return isRebuilt(current) ? current : undefined
}

const isRebuilt = (value: Rebuilt | Pickled): value is Rebuilt =>
  typeof value === 'object' && value !== null && 'storage' in value

async function inform(
  name: string,
  tensor: Rebuilt,
  { places, bigEndian, most }: { places: Places; bigEndian: boolean; most: number },
): Promise<TensorInfo> {
  const { offset, shape, strides, flags } = tensor
  if (flags instanceof Map && flags.size > 0) {
    throw new LoomError('unsupported', `The tensor ${JSON.stringify(name)} is a conjugate or a negative view.`, {
      hint: 'Save it with torch as it is meant, with resolve_conj and resolve_neg.',
    })
  }
  const storage = storageOf(tensor.storage)
  const named = tensor.dtype instanceof PickledName ? dtypes.get(tensor.dtype.name) : undefined
  const dtype = named ?? storage.dtype
  if (!isCount(offset) || !isCounts(shape) || !isCounts(strides) || shape.length !== strides.length || !dtype) {
    throw damaged(`the tensor ${JSON.stringify(name)} has no shape or no type`)
  }
  const size = bitsOf(dtype) / 8
  const first = storage.first + offset
  const elements = shape.reduce((product, length) => product * length, 1)
  const reach = shape.reduce((sum, length, axis) => sum + (length - 1) * (strides[axis] ?? 0), 1)
  const end = elements === 0 ? first : first + reach
  // a view may repeat its elements without end
  if (!Number.isSafeInteger(end * size) || end * size > bytesOf(storage) || elements * size > most) {
    throw damaged(`the tensor ${JSON.stringify(name)} is larger than its storage`)
  }
  const start = await places(storage.key, end * size)
  const layout: TensorLayout = { strides, bigEndian: bigEndian && size > 1 }
  return {
    dtype,
    shape,
    offset: start + first * size,
    byteLength: elements * size,
    ...((layout.bigEndian || !isContiguous(shape, strides)) && { layout }),
  }
}

const isCounts = (value: Pickled): value is number[] => Array.isArray(value) && value.every(isCount)

/** Whether elements lie row by row. Strides of axes with one element mean nothing. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1
    if (length === 0) return true
    if (length > 1 && strides[axis] !== expected) return false
    expected *= length
  }
  return true
}

/** Texts and numbers beside the tensors: `global_step`, `sd_checkpoint_name`. */
function settingsOf(value: Pickled): Map<string, string> {
  const settings = new Map<string, string>()
  for (const [key, each] of value instanceof Map ? value : []) {
    const isSetting = ['string', 'number', 'bigint', 'boolean'].includes(typeof each)
    if (typeof key === 'string' && isSetting && settings.size < maxSettings)
      settings.set(key, String(each).slice(0, 10_000))
  }
  return settings
}

/** Bytes from the first element of a tensor to behind its last. */
export function spanOf({ dtype, shape, byteLength, layout }: TensorInfo): number {
  if (!layout || byteLength === 0) return byteLength
  return (
    (shape.reduce((sum, length, axis) => sum + (length - 1) * (layout.strides[axis] ?? 0), 0) + 1) * (bitsOf(dtype) / 8)
  )
}

/**
 * The elements of a tensor row by row and lowest byte first.
 * @param bytes those of `spanOf`, from the tensor's offset on
 */
export function unfold(bytes: Uint8Array, { dtype, shape, byteLength, layout }: TensorInfo): Uint8Array {
  if (!layout) return bytes
  const size = bitsOf(dtype) / 8
  // a complex number is two numbers
  const part = dtype === 'C64' ? 4 : size
  const dense = new Uint8Array(byteLength)
  const index = shape.map(() => 0)
  for (let at = 0; at < byteLength; at += size) {
    const from = index.reduce((sum, each, axis) => sum + each * (layout.strides[axis] ?? 0), 0) * size
    for (let byte = 0; byte < size; byte++) {
      const inPart = byte % part
      dense[at + byte] = bytes[from + byte - inPart + (layout.bigEndian ? part - 1 - inPart : inPart)] ?? 0
    }
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1
      if ((index[axis] ?? 0) < (shape[axis] ?? 0)) break
      index[axis] = 0
    }
  }
  return dense
}
