import { randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { open, readdir, rm, stat, statfs, unlink, utimes } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { writeFileAtomic } from '../files/atomic.ts'
import { isAbandoned, removeLeftovers } from '../files/leftovers.ts'
import { makeFolder } from '../files/make-folder.ts'
import { readInto, readRegularText, withRegularFile } from '../files/regular-file.ts'
import { openTensorFile, type TensorFile } from '../files/tensor-file.ts'

/** The name of a set's file, with the process that writes it. */
const setFile = /^\w+-(\d+)-\w+\.safetensors$/

/** What is known of a set. It is written once the drive has the file that it names, so a file with a mark is whole. */
const mark = z.object({
  format: z.literal(2),
  /** Name of the file. */
  file: z.string().regex(setFile),
  /** For people: `UNet of emoji-tiny.safetensors`. */
  of: z.string(),
  bytes: z.number().int().nonnegative(),
  /** SHA-256 of the header. */
  header: z.string(),
  /** CRC-32 of each tensor, in the order of the file. */
  sums: z.array(z.number().int()),
})
export type Mark = z.infer<typeof mark>

/** A set whose file is filled and may be mapped. */
export interface Added {
  readonly file: TensorFile
  /** Ends when the drive has it or it was given up. False: the drive failed, and what is mapped may be lost. */
  readonly settled: Promise<boolean>
}

/** Why a set may not be added. `off`: somebody limited the store to nothing. */
export type Refusal = 'off' | 'limit' | 'full' | 'slow'

const settings = z.object({ limit: z.number().nonnegative().optional() })

/** Fraction of the free disk that the store may take by default. */
const share = 0.3
/** What it leaves free: bytes, or of a small disk a fraction. */
const reserve = { bytes: 2 ** 30, share: 0.05 }
/** Milliseconds after its last use in which a set is not removed to make room for another. */
const rest = 3_600_000
/** Bytes that are summed at once. */
const summedBytes = 2 ** 20
/** Milliseconds after which a disk that was too slow is tried again, and a request for a set forgotten. */
const memory = 30 * 86_400_000

export interface Entry {
  readonly key: string
  readonly of: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly used: number
}

export interface StoreState {
  readonly folder: string
  /** The least recently used first. */
  readonly entries: readonly Entry[]
  readonly bytes: number
  readonly limit: number
  /** Whether somebody set the limit. */
  readonly chosen: boolean
  /** The disk was too slow to be worth it. */
  readonly slow: boolean
}

/**
 * A folder of files that hold weights as sessions need them. Several processes may use it at once: each writes files of its
 * own names, and a file that a mark names never changes. Nothing in it is needed: what is missing or broken is made anew.
 */
export class PreparedStore {
  readonly folder: string
  #swept = false
  /** Bytes of sets that this process adds, and that have no mark yet. */
  #adding = 0

  constructor(folder: string) {
    this.folder = folder
  }

  /** The file of a set, if it is there and whole. It then counts as used now. */
  async find(key: string): Promise<TensorFile | undefined> {
    const known = await this.#markOf(key)
    if (!known) return undefined
    const file = await openTensorFile(join(this.folder, known.file)).catch(() => undefined)
    if (!file || file.size !== known.bytes || file.identity.headerHash !== known.header) return undefined
    const now = new Date()
    await utimes(this.#markPathOf(key), now, now).catch(() => {})
    return file
  }

  /**
   * Makes room for a set of so many bytes. Older ones go, but none that was used within the last hour: the networks of one
   * picture would take each other's place in every run.
   * @returns why it may not be added, if so
   */
  async makeRoom(bytes: number): Promise<Refusal | undefined> {
    await makeFolder(this.folder)
    if (!this.#swept) await this.#sweep()
    this.#swept = true
    const { limit, slow } = await this.state()
    if (limit === 0) return 'off'
    if (slow) return 'slow'
    const most = limit - this.#adding - bytes
    if (most < 0 || !(await this.#evict(most, Date.now() - rest))) return 'limit'
    const { bavail, blocks, bsize } = await statfs(this.folder)
    return bavail * bsize - bytes < Math.min(reserve.bytes, reserve.share * blocks * bsize) ? 'full' : undefined
  }

  async #sweep(): Promise<void> {
    await removeLeftovers(this.folder, 0)
    const marks = await this.#marks()
    const marked = new Set(Array.from(marks.values(), ({ file }) => file))
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name)
      const useless = name.endsWith('.asked')
        ? !(await isYoung(path))
        : name.endsWith('.safetensors') && !marked.has(name) && (await isAbandoned(path, setFile.exec(name)?.[1]))
      if (useless) await rm(path, { force: true }).catch(() => {})
    }
  }

  /** Removes sets that were last used before a time, the oldest first, until no more than `most` bytes are left. */
  async #evict(most: number, before: number): Promise<boolean> {
    const { entries, bytes } = await this.state()
    let left = bytes
    for (const entry of entries) {
      if (left <= most || entry.used > before) break
      await this.#remove(entry.key)
      left -= entry.bytes
    }
    return left <= most
  }

  /**
   * Adds a set. Its file may be used at once; it is known to be whole, and found again, when the drive has it.
   * @param fill writes the file
   * @throws the errors of `fill` and of the operating system; nothing is left behind then
   */
  async add(key: string, of: string, fill: (handle: FileHandle) => Promise<void>): Promise<Added> {
    const path = join(this.folder, `${key}-${process.pid}-${randomBytes(4).toString('hex')}.safetensors`)
    const { mode } = await stat(this.folder)
    const handle = await open(path, 'wx', mode & 0o666)
    try {
      // Windows lets nobody map a file that is open for writing
      await fill(handle).finally(() => handle.close())
      const file = await openTensorFile(path)
      this.#adding += file.size
      const settled = this.#settle(key, of, file).finally(() => {
        this.#adding -= file.size
      })
      return { file, settled }
    } catch (error) {
      await unlink(path).catch(() => {})
      throw error
    }
  }

  /** @returns whether the drive took it */
  async #settle(key: string, of: string, file: TensorFile): Promise<boolean> {
    let taken = false
    try {
      const [sums] = await Promise.all([sumsOf(file), sync(file.path)])
      taken = true
      const before = await this.#markOf(key)
      const { name, size, header } = { name: parse(file.path).base, size: file.size, header: file.identity.headerHash }
      const whole: Mark = { format: 2, file: name, of, bytes: size, header, sums }
      await writeFileAtomic(this.#markPathOf(key), JSON.stringify(whole))
      if (before) await unlink(join(this.folder, before.file)).catch(() => {})
    } catch {
      await unlink(file.path).catch(() => {})
    }
    return taken
  }

  /** Whether a set was asked for before; from now on it was. */
  async askedBefore(key: string): Promise<boolean> {
    const path = join(this.folder, `${key}.asked`)
    if (await isYoung(path)) return true
    await writeFileAtomic(path, '').catch(() => {})
    return false
  }

  /** Remembers that the disk is slower than making the weights anew. */
  async markSlow(): Promise<void> {
    await writeFileAtomic(join(this.folder, 'slow'), '').catch(() => {})
  }

  async state(): Promise<StoreState> {
    const entries: Entry[] = []
    for (const [key, { of, bytes }] of await this.#marks()) {
      const stats = await stat(this.#markPathOf(key)).catch(() => undefined)
      if (stats) entries.push({ key, of, bytes, used: stats.mtimeMs })
    }
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
    const { limit } = settings.catch({}).parse(await readJson(join(this.folder, 'settings')))
    return {
      folder: this.folder,
      entries: entries.sort((a, b) => a.used - b.used),
      bytes,
      limit: limit ?? Math.round(share * ((await this.#free()) + bytes)),
      chosen: limit !== undefined,
      slow: await isYoung(join(this.folder, 'slow')),
    }
  }

  /** @param limit in bytes, 0 for no store; undefined for the default */
  async setLimit(limit: number | undefined): Promise<void> {
    await makeFolder(this.folder)
    await writeFileAtomic(join(this.folder, 'settings'), JSON.stringify({ limit }))
    await this.#evict((await this.state()).limit, Number.POSITIVE_INFINITY)
  }

  /** Reads every set again and compares it with what was written. Sets that differ are removed. */
  async *check(): AsyncGenerator<{ readonly entry: Entry; readonly whole: boolean }> {
    for (const entry of (await this.state()).entries) {
      const whole = await this.#isWhole(entry.key).catch(() => false)
      if (!whole) await this.#remove(entry.key)
      yield { entry, whole }
    }
  }

  async #isWhole(key: string): Promise<boolean> {
    const sums = (await this.#markOf(key))?.sums
    const file = await this.find(key)
    return file !== undefined && String(await sumsOf(file)) === String(sums)
  }

  /** Removes everything but the limit. */
  async clear(): Promise<void> {
    const names = await readdir(this.folder).catch(() => [])
    for (const name of names) if (name !== 'settings') await rm(join(this.folder, name), { force: true })
  }

  async #free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.folder).catch(() => statfs(parse(this.folder).root))
    return bavail * bsize
  }

  async #marks(): Promise<ReadonlyMap<string, Mark>> {
    const marks = new Map<string, Mark>()
    for (const name of await readdir(this.folder).catch(() => [])) {
      const key = /^(\w+)\.json$/.exec(name)?.[1]
      const known = key === undefined ? undefined : await this.#markOf(key)
      if (key !== undefined && known) marks.set(key, known)
    }
    return marks
  }

  async #markOf(key: string): Promise<Mark | undefined> {
    return mark.safeParse(await readJson(this.#markPathOf(key))).data
  }

  /** On Windows a file that a session maps stays until the next sweep. */
  async #remove(key: string): Promise<void> {
    const known = await this.#markOf(key)
    await unlink(this.#markPathOf(key)).catch(() => {})
    if (known) await unlink(join(this.folder, known.file)).catch(() => {})
  }

  #markPathOf(key: string): string {
    return join(this.folder, `${key}.json`)
  }
}

/** The CRC-32 of each tensor. */
function sumsOf({ path, header }: TensorFile): Promise<number[]> {
  return withRegularFile(path, async (open) => {
    const sums: number[] = []
    // memory that was used before costs no page faults
    const buffer = new Uint8Array(summedBytes)
    for (const { offset, byteLength } of header.tensors.values()) {
      let sum = 0
      for (let done = 0; done < byteLength; done += summedBytes) {
        const piece = buffer.subarray(0, Math.min(summedBytes, byteLength - done))
        await readInto(open, offset + done, piece)
        sum = crc32(piece, sum)
      }
      sums.push(sum)
    }
    return sums
  })
}

/** Ends when the drive has a file. */
async function sync(path: string): Promise<void> {
  // Windows flushes only what may be written
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function readJson(path: string): Promise<unknown> {
  const text = await readRegularText(path).catch(() => '')
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function isYoung(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined)
  return stats !== undefined && stats.mtimeMs > Date.now() - memory
}
