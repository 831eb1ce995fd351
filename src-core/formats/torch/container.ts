import { LoomError } from '#core/errors.ts'
import { type Pickled, PickleEnds, readPickle } from '../pickle.ts'
import { contentStart, type RandomAccess, readZipDirectory } from '../zip.ts'
import { bytesOf, damaged, rules, storagesIn } from './records.ts'

/** Bytes of a pickle at most. That of SDXL has half a megabyte. */
const maxPickle = 32 * 2 ** 20

const firstRead = 2 ** 20

/** Where the elements of each storage are, by its key. */
export type Places = (key: string, bytes: number) => Promise<number>

interface Contents {
  readonly value: Pickled
  readonly places: Places
  readonly bigEndian: boolean
}

/** The format since torch 1.6: a zip file with the pickle and a file for each storage, none of them compressed. */
export async function readZip(file: RandomAccess): Promise<Contents> {
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

/** What the format before torch 1.6 begins with. */
const legacyMagic = 0x1950a86a20f9469cfc6cn

/**
 * The format before torch 1.6: pickles of a number, a version, the system, the value and the keys of the storages, then
 * the storages, each after its number of elements. They are little-endian on every machine. A pickle by itself is a
 * value without storages.
 */
export async function readLegacy(file: RandomAccess): Promise<Contents> {
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
