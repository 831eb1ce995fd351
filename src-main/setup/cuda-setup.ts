import { readFileSync } from 'node:fs'
import { readdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { writeFileAtomic } from '#engine/files/atomic.ts'
import { tryLock } from '#engine/files/file-lock.ts'
import { makeFolder } from '#engine/files/make-folder.ts'
import { osError } from '#engine/files/os-error.ts'
import { readRegularText } from '#engine/files/regular-file.ts'
import type { CudaVersion } from './cards.ts'
import { cudaWheels } from './cuda-wheels.ts'
import { type Fetching, fetchWheel, partOf, sizeOf } from './fetch-wheel.ts'
import { unpackWheel } from './unpack-wheel.ts'
import type { Wheel } from './wheel.ts'

/** Names in the folder: the libraries, what is under way, and what says which wheels are complete. */
const libraries = 'libraries'
const downloads = 'downloads'
const markName = 'wheels.json'
const lockName = 'setup.lock'
const ours = [libraries, downloads, markName, lockName, `${lockName}-journal`]

const markSchema = z.object({
  cuda: z.enum(['12', '13']),
  wheels: z.record(z.string(), z.array(z.object({ name: z.string(), bytes: z.int() }))),
})
type Mark = z.infer<typeof markSchema>

/** A wheel, and how far it is. */
interface WheelState extends Wheel {
  readonly isThere: boolean
  /** Bytes of it that are downloaded and not yet unpacked. */
  readonly arrived: number
}

/** The libraries of the CUDA device on this machine. */
export interface CudaState {
  readonly folder: string
  readonly cuda: CudaVersion
  readonly wheels: readonly WheelState[]
  /** Bytes still to be downloaded. */
  readonly missing: number
  /** Bytes on the disk that fetching takes at most while it goes on. */
  readonly space: number
  /** Whether the engine finds all of them. */
  readonly isReady: boolean
}

/** What fetching tells while it goes on. */
export interface CudaProgress {
  readonly file: string
  readonly part: 'download' | 'unpack'
  /** Bytes of all wheels together. */
  readonly arrived: number
  readonly total: number
}

const defaultIndex = 'https://pypi.org/simple'

/** The index that LATENT_LOOM_PYPI names, else PyPI's. */
function indexOf({ LATENT_LOOM_PYPI: named }: NodeJS.ProcessEnv): string {
  return (named === undefined || named === '' ? defaultIndex : named).replace(/\/+$/, '')
}

const platform = `${process.platform}-${process.arch}`

/** The versions of CUDA that there are libraries of, for this platform. */
export const offeredCuda = (['13', '12'] as const).filter((cuda) => cudaWheels[cuda][platform] !== undefined)

/** ONNX Runtime for CUDA and NVIDIA's libraries, in a folder of the program's own. */
export class CudaSetup {
  readonly #folder: string
  readonly #wheels: Readonly<Record<CudaVersion, readonly Wheel[]>>
  readonly #fetching: Pick<Fetching, 'index' | 'pause' | 'silence'>

  /** @param replaced what tests have in place of PyPI */
  constructor(
    folder: string,
    replaced: { wheels?: Readonly<Record<CudaVersion, readonly Wheel[]>> } & Partial<Fetching> = {},
  ) {
    const { index = indexOf(process.env), ...times } = replaced
    this.#folder = folder
    this.#wheels = replaced.wheels ?? { 12: cudaWheels[12][platform] ?? [], 13: cudaWheels[13][platform] ?? [] }
    this.#fetching = { index, ...times }
  }

  /** Where the wheels are looked up. */
  get index(): string {
    return this.#fetching.index
  }

  /** What is there, and what is to be fetched. */
  async state(cuda: CudaVersion): Promise<CudaState> {
    const mark = await this.#readMark()
    const wheels = await Promise.all(
      this.#wheels[cuda].map(async (wheel) => {
        const isThere = mark?.cuda === cuda && (await this.#isWhole(mark, wheel))
        const arrived = isThere ? 0 : Math.min(wheel.bytes, await sizeOf(partOf(join(this.#folder, downloads), wheel)))
        return { ...wheel, isThere, arrived }
      }),
    )
    const lacking = wheels.filter(({ isThere }) => !isThere)
    const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)
    return {
      folder: this.#folder,
      cuda,
      wheels,
      missing: sum(lacking.map(({ bytes, arrived }) => bytes - arrived)),
      // each wheel goes when its libraries are there
      space: sum(lacking.map(({ unpacked }) => unpacked)) + Math.max(0, ...lacking.map(({ bytes }) => bytes)),
      isReady: wheels.length > 0 && lacking.length === 0,
    }
  }

  /**
   * Fetches what is missing, checks it and unpacks it. What was fetched for another version of CUDA goes.
   * @throws LoomError `io` if the network or the disk fails, `mismatch`, `conflict` if another process does the same,
   *   `cancelled`; what has arrived stays for the next time
   */
  async fetch(cuda: CudaVersion, signal: AbortSignal, tell: (progress: CudaProgress) => void): Promise<CudaState> {
    return this.#alone(async () => {
      const before = await this.state(cuda)
      await this.#requireSpace(before.space)
      const mark = await this.#begin(cuda)
      const total = before.wheels.reduce((sum, { bytes }) => sum + bytes, 0)
      let done = 0
      for (const wheel of before.wheels) {
        const progress = (part: CudaProgress['part'], bytes: number) =>
          tell({ file: wheel.file, part, arrived: done + bytes, total })
        if (!wheel.isThere) {
          const folder = join(this.#folder, downloads)
          const arrived = (bytes: number) => progress('download', bytes)
          const path = await fetchWheel(wheel, { ...this.#fetching, folder, signal, arrived })
          progress('unpack', wheel.bytes)
          mark.wheels[wheel.file] = await unpackWheel(path, wheel, join(this.#folder, libraries))
          await this.#writeMark(mark)
          await rm(path, { force: true })
        }
        done += wheel.bytes
      }
      await rm(join(this.#folder, downloads), { recursive: true, force: true })
      return this.state(cuda)
    })
  }

  /** Removes everything that was fetched. Libraries that somebody laid into the folder stay. */
  async remove(): Promise<void> {
    await this.#alone(async () => {
      // first, so that no engine takes half of it
      await rm(join(this.#folder, markName), { force: true })
      const gone = join(this.#folder, libraries)
      // a library that a running engine holds cannot be removed on Windows: its folder is told
      for (const path of [gone, join(this.#folder, downloads)]) await rm(path, { recursive: true, force: true })
    }, 'remove')
    for (const name of ours) await rm(join(this.#folder, name), { force: true, recursive: true }).catch(() => {})
    const left = await readdir(this.#folder).catch(() => ['unknown'])
    if (left.length === 0) await rm(this.#folder, { recursive: true, force: true })
  }

  /** The mark to go on with. One of another version of CUDA, and its libraries, go. */
  async #begin(cuda: CudaVersion): Promise<Mark> {
    await makeFolder(join(this.#folder, downloads))
    const mark = await this.#readMark()
    const wanted = new Set(this.#wheels[cuda].map(({ file }) => file))
    const isSame = mark?.cuda === cuda && Object.keys(mark.wheels).every((file) => wanted.has(file))
    if (mark && isSame) return mark
    await rm(join(this.#folder, markName), { force: true })
    const kept = mark?.cuda === cuda ? Object.entries(mark.wheels).filter(([file]) => wanted.has(file)) : []
    await this.#keepOnly(new Set(kept.flatMap(([, files]) => files.map(({ name }) => name))))
    return { cuda, wheels: Object.fromEntries(kept) }
  }

  async #keepOnly(names: ReadonlySet<string>): Promise<void> {
    const folder = join(this.#folder, libraries)
    await makeFolder(folder)
    for (const name of await readdir(folder)) if (!names.has(name)) await rm(join(folder, name), { force: true })
  }

  async #isWhole({ wheels }: Mark, { file }: Wheel): Promise<boolean> {
    const files = wheels[file]
    if (!files) return false
    const sizes = await Promise.all(files.map(({ name }) => sizeOf(join(this.#folder, libraries, name))))
    return files.every(({ bytes }, place) => sizes[place] === bytes)
  }

  async #readMark(): Promise<Mark | undefined> {
    return parseMark(await readRegularText(join(this.#folder, markName)).catch(() => ''))
  }

  async #writeMark(mark: Mark): Promise<void> {
    await writeFileAtomic(join(this.#folder, markName), JSON.stringify(mark))
  }

  async #requireSpace(bytes: number): Promise<void> {
    await makeFolder(this.#folder)
    const drive = await statfs(this.#folder).catch(() => undefined)
    if (!drive || drive.bavail * drive.bsize >= bytes) return
    throw new LoomError(
      'io',
      `The drive of ${this.#folder} has too little room: it takes ${(bytes / 1e9).toFixed(1)} GB.`,
      {
        hint: 'Make room on it. Nothing was fetched.',
      },
    )
  }

  /** Runs `use` while no other process changes the folder. */
  async #alone<T>(use: () => Promise<T>, doing = 'write'): Promise<T> {
    try {
      await makeFolder(this.#folder)
      const lock = tryLock(join(this.#folder, lockName))
      if (!lock) {
        throw new LoomError('conflict', 'Another Latent Loom is setting up CUDA at this moment.', {
          hint: 'Wait until it has ended.',
        })
      }
      try {
        return await use()
      } finally {
        lock.release()
      }
    } catch (error) {
      throw osError(error, doing, this.#folder)
    }
  }
}

function parseMark(text: string): Mark | undefined {
  try {
    return markSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/**
 * The folder with the libraries that an engine may load, or undefined: only if everything of this program's own list is there.
 * Asked before an engine starts, so it looks at the mark alone.
 */
export function fetchedCuda(folder: string): string | undefined {
  let text: string
  try {
    text = readFileSync(join(folder, markName), 'utf8')
  } catch {
    return undefined
  }
  const mark = parseMark(text)
  const wanted = mark && cudaWheels[mark.cuda][platform]
  return wanted?.every(({ file }) => mark?.wheels[file]) ? join(folder, libraries) : undefined
}
