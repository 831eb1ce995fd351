import type { FileHandle } from 'node:fs/promises'
import { readdir, rename, rm, stat, statfs, unlink, utimes } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { withTemporary, writeFileAtomic } from '../files/atomic.ts'
import { removeLeftovers } from '../files/leftovers.ts'
import { makeFolder } from '../files/make-folder.ts'
import { readExactly, readRegularText, withRegularFile } from '../files/regular-file.ts'
import { openTensorFile, type TensorFile } from '../files/tensor-file.ts'

/** What is known of a complete file. It is written before the file gets its name, so a file with a mark is whole. */
const mark = z.object({
  format: z.literal(1),
  /** For people: `UNet of emoji-tiny.safetensors`. */
  of: z.string(),
  bytes: z.number().int().nonnegative(),
  /** SHA-256 of the header. */
  header: z.string(),
  /** CRC-32 of each tensor, in the order of the file. */
  sums: z.array(z.number().int()),
})
export type Mark = z.infer<typeof mark>

const settings = z.object({ limit: z.number().nonnegative().optional() })

/** Fraction of the free disk that the store may take by default. */
const share = 0.3
/** What it leaves free: bytes, or of a small disk a fraction. */
const reserve = { bytes: 2 ** 30, share: 0.05 }
/** Milliseconds after its last use in which a set is not removed to make room for another. */
const rest = 3_600_000
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
 * A folder of files that hold weights as sessions need them. Several processes may use it at once: a file appears whole under
 * its name and never changes. Nothing in it is needed: what is missing or broken is made anew.
 */
export class PreparedStore {
  readonly folder: string
  #swept = false

  constructor(folder: string) {
    this.folder = folder
  }

  /** The file of a set, if it is there and whole. It then counts as used now. */
  async find(key: string): Promise<TensorFile | undefined> {
    const known = await this.#markOf(key)
    if (!known) return undefined
    const file = await openTensorFile(this.#pathOf(key)).catch(() => undefined)
    if (!file || file.size !== known.bytes || file.identity.headerHash !== known.header) return undefined
    const now = new Date()
    await utimes(this.#markPathOf(key), now, now).catch(() => {})
    return file
  }

  /**
   * Whether a set of so many bytes may be added. Older ones make room for it, but none that was used within the last hour:
   * the networks of one picture would take each other's place in every run.
   */
  async makeRoom(bytes: number): Promise<boolean> {
    await makeFolder(this.folder)
    if (!this.#swept) await this.#sweep()
    this.#swept = true
    const { limit, slow } = await this.state()
    if (slow || bytes > limit) return false
    if (!(await this.#evict(limit - bytes, Date.now() - rest))) return false
    const { bavail, blocks, bsize } = await statfs(this.folder)
    return bavail * bsize - bytes >= Math.min(reserve.bytes, reserve.share * blocks * bsize)
  }

  async #sweep(): Promise<void> {
    await removeLeftovers(this.folder, 0)
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name)
      if (name.endsWith('.asked') && !(await isYoung(path))) await rm(path, { force: true })
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
   * Adds a set.
   * @param fill writes the file and gives the sums of its tensors
   * @throws the errors of `fill` and of the operating system; nothing is left behind then
   */
  async add(key: string, of: string, fill: (handle: FileHandle) => Promise<number[]>): Promise<TensorFile> {
    const path = this.#pathOf(key)
    let sums: number[] = []
    await withTemporary(
      this.folder,
      async (handle) => {
        sums = await fill(handle)
      },
      async (temporary) => {
        const { size, identity } = await openTensorFile(temporary)
        const whole: Mark = { format: 1, of, bytes: size, header: identity.headerHash, sums }
        await writeFileAtomic(this.#markPathOf(key), JSON.stringify(whole))
        await rename(temporary, path)
      },
    )
    const file = await this.find(key)
    if (file) return file
    throw new LoomError('io', `${path} is not what was written.`)
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
    const names = await readdir(this.folder).catch(() => [])
    const entries: Entry[] = []
    for (const name of names) {
      const key = /^(\w+)\.json$/.exec(name)?.[1]
      const known = key === undefined ? undefined : await this.#markOf(key)
      const stats = await stat(join(this.folder, name)).catch(() => undefined)
      if (key !== undefined && known && stats) {
        entries.push({ key, of: known.of, bytes: known.bytes, used: stats.mtimeMs })
      }
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
    if (!file || !sums) return false
    return withRegularFile(file.path, async (open) => {
      for (const [index, { offset, byteLength }] of Array.from(file.header.tensors.values()).entries()) {
        if (crc32(await readExactly(open, offset, byteLength)) !== sums[index]) return false
      }
      return true
    })
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

  async #markOf(key: string): Promise<Mark | undefined> {
    return mark.safeParse(await readJson(this.#markPathOf(key))).data
  }

  /** On Windows a file that a session maps stays, and goes the next time. */
  async #remove(key: string): Promise<void> {
    await unlink(this.#markPathOf(key)).catch(() => {})
    await unlink(this.#pathOf(key)).catch(() => {})
  }

  #pathOf(key: string): string {
    return join(this.folder, `${key}.safetensors`)
  }

  #markPathOf(key: string): string {
    return join(this.folder, `${key}.json`)
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
