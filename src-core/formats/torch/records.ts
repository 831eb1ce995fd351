import { LoomError } from '#core/errors.ts'
import { type Pickled, PickledCall, PickledName, PickledReference, type PickleRules } from '../pickle.ts'
import { bitsOf, type Dtype } from '../safetensors.ts'

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
export const dtypes: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
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
export interface Rebuilt {
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
export const modules = new Set(['torch.nn.modules.container.ParameterDict', 'torch.nn.modules.container.ParameterList'])

/** Containers of Python. */
const plain = new Set([
  'collections.OrderedDict',
  'collections.defaultdict',
  ...['dict', 'set', 'list', 'int', 'float', 'str', 'bool'].map((name) => `builtins.${name}`),
])

/** What trainers leave beside the tensors. Records of them are passed over; nothing of them is loaded or run. */
const bystanders =
  /^(pytorch_lightning|lightning|lightning_fabric|omegaconf)\.|^(numpy\.(core|_core)\.multiarray\.(scalar|_reconstruct)|numpy\.(dtype|ndarray)|_codecs\.encode|argparse\.Namespace|typing\.Any|torch\.(Size|device)|torch\.nn\.parameter\.Parameter|pathlib\.(Posix|Windows|Pure\w+)Path)$/

const allows = (name: string): boolean =>
  storages.has(name) ||
  dtypes.has(name) ||
  rebuilders.has(name) ||
  modules.has(name) ||
  plain.has(name) ||
  bystanders.test(name)

export const rules: PickleRules = {
  allows,
  // before zip, classes came with their source: ('module', class, file, source)
  resolve: (id) =>
    Array.isArray(id) && id[0] === 'module' && id[1] instanceof PickledName ? id[1] : new PickledReference(id),
}

export const damaged = (what: string): LoomError =>
  new LoomError('parse', `The file is damaged or cut off: ${what}.`, { hint: 'Download the file again.' })

interface Storage {
  readonly key: string
  readonly dtype: Dtype | undefined
  /** Of the dtype, or bytes without one. */
  readonly elements: number
  /** First element, in storages that are a part of another. */
  readonly first: number
}

/** A reference of torch: `('storage', type, key, device, elements)`, formerly with the part of another storage. */
export function storageOf(value: Pickled): Storage {
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

export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

export const bytesOf = ({ dtype, elements }: Storage): number =>
  elements * (dtype === undefined ? 1 : bitsOf(dtype) / 8)

/** The storages that a value names, by key. */
export function storagesIn(value: Pickled): Map<string, Storage> {
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

/** The tensor that a record describes; undefined for other values. */
export function tensorOf(value: Pickled): Rebuilt | undefined {
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

export const parametersOf = (state: Pickled): Pickled =>
  state instanceof Map ? (state.get('_parameters') ?? null) : null
