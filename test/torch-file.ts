import { crc32 } from 'node:zlib'
import type { TensorSpec } from '#core/formats/safetensors.ts'

export interface StoredTensor extends TensorSpec {
  readonly data: Uint8Array
  /** Elements from one index of each axis to the next, where they do not lie row by row. */
  readonly strides?: readonly number[]
}

/** The storages of torch. */
const storages: Partial<Record<TensorSpec['dtype'], string>> = {
  F32: 'FloatStorage',
  F16: 'HalfStorage',
  BF16: 'BFloat16Storage',
  F64: 'DoubleStorage',
  I64: 'LongStorage',
}

const numbers = (size: 2 | 4, ...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(size * values.length)
  for (const [index, value] of values.entries()) bytes.writeUIntLE(value, index * size, size)
  return bytes
}

const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from('X'), numbers(4, Buffer.byteLength(value)), Buffer.from(value)])
const int = (value: number): Buffer => Buffer.concat([Buffer.from('J'), numbers(4, value)])
const tuple = (values: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from('('), ...values.map(int), Buffer.from('t')])
const name = (module: string, of: string): Buffer => Buffer.from(`c${module}\n${of}\n`)

/** A pickle as torch.save writes it, of a dictionary of tensors. Their storages have the keys 0, 1 and so on. */
function pickleOf(tensors: readonly StoredTensor[]): Buffer {
  const items = tensors.flatMap(({ name: key, dtype, shape, strides: given }, index) => {
    const elements = shape.reduce((product, length) => product * length, 1)
    const strides =
      given ?? shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1))
    const storage = [
      text('storage'),
      name('torch', storages[dtype] ?? ''),
      text(String(index)),
      text('cpu'),
      int(elements),
    ]
    return [
      text(key),
      name('torch._utils', '_rebuild_tensor_v2'),
      Buffer.from('(('),
      ...storage,
      Buffer.from('tQK\0'),
      tuple(shape),
      tuple(strides),
      Buffer.from('\x89', 'latin1'),
      name('collections', 'OrderedDict'),
      Buffer.from(')RtR'),
    ]
  })
  return Buffer.concat([Buffer.from('\x80\x02}(', 'latin1'), ...items, Buffer.from('u.')])
}

/** A zip file whose contents are stored as they are. */
export function zipOf(files: Readonly<Record<string, Uint8Array>>, method = 0): Buffer {
  const locals: Buffer[] = []
  const entries: Buffer[] = []
  let at = 0
  for (const [file, data] of Object.entries(files)) {
    const title = Buffer.from(file)
    const shared = Buffer.concat([numbers(2, 0, method, 0, 0), numbers(4, crc32(data), data.length, data.length)])
    const local = Buffer.concat([
      Buffer.from('PK\x03\x04'),
      numbers(2, 20),
      shared,
      numbers(2, title.length, 0),
      title,
      data,
    ])
    entries.push(
      Buffer.concat([
        Buffer.from('PK\x01\x02'),
        numbers(2, 20, 20),
        shared,
        numbers(2, title.length, 0, 0, 0, 0),
        numbers(4, 0, at),
        title,
      ]),
    )
    locals.push(local)
    at += local.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.concat([
    Buffer.from('PK\x05\x06'),
    numbers(2, 0, 0, entries.length, entries.length),
    numbers(4, directory.length, at),
    numbers(2, 0),
  ])
  return Buffer.concat([...locals, directory, end])
}

/** A file as torch.save writes it, of a dictionary of tensors. */
export function torchFile(tensors: readonly StoredTensor[]): Buffer {
  const data = Object.fromEntries(tensors.map((tensor, index) => [`a/data/${index}`, tensor.data]))
  return zipOf({
    'a/data.pkl': pickleOf(tensors),
    'a/byteorder': Buffer.from('little'),
    ...data,
    'a/version': Buffer.from('3\n'),
  })
}
