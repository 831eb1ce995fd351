import { LoomError } from '#core/errors.ts'
import { type Pickled, PickledCall, PickledName } from '../pickle.ts'
import { bitsOf, type SafetensorsHeader, type TensorInfo, type TensorLayout } from '../safetensors.ts'
import type { RandomAccess } from '../zip.ts'
import { type Places, readLegacy, readZip } from './container.ts'
import { isContiguous } from './layout.ts'
import {
  bytesOf,
  damaged,
  dtypes,
  isCount,
  modules,
  parametersOf,
  type Rebuilt,
  storageOf,
  tensorOf,
} from './records.ts'

/** Limits of what is looked at, because a short pickle may hold one list many times over. */
const limits = {
  tensors: 250_000,
  values: 2_000_000,
  /** Levels of lists and dictionaries. */
  depth: 16,
  /** Characters of all names together. */
  characters: 64 * 2 ** 20,
} as const

/** Settings beside the tensors, such as `global_step`. */
const maxSettings = 1000

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
  collect(root ?? null, '', found, { values: 0, depth: 0, characters: 0 })
  if (found.size === 0) {
    throw new LoomError('unsupported', 'It is a PyTorch pickle that holds no tensors.', {
      hint: 'It is no model and no embedding. Get the .safetensors version, or download the file again.',
    })
  }
  const tensors = new Map<string, TensorInfo>()
  const context = { places, bigEndian, most: file.size }
  for (const [name, tensor] of found) tensors.set(name, await inform(name, tensor, context))
  return { tensors, metadata: settingsOf(value), dataOffset: 0 }
}

/** Finds the tensors in nested dictionaries and lists, named by the path to them. */
function collect(
  value: Pickled,
  name: string,
  found: Map<string, Rebuilt>,
  counted: Record<Exclude<keyof typeof limits, 'tensors'>, number>,
): void {
  counted.values += 1
  counted.characters += name.length
  const { values, depth, characters } = counted
  if (values > limits.values || depth > limits.depth || characters > limits.characters || found.size > limits.tensors) {
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
