import { lstat, readdir, rm } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { placeNew } from '#engine/files/atomic.ts'
import { makeFolder } from '#engine/files/make-folder.ts'
import { osCode, osError } from '#engine/files/os-error.ts'
import { idOf, unknownId } from './ids.ts'

/** How long a deleted file can be brought back. */
const keptDays = 30
/** Bytes that all deleted files may have together: some hundred pictures. */
const mostBytes = 1e9
const day = 86_400_000
/** `2026-11-30`, and `2026-11-30.1` for what has a name that was deleted on that day before. */
const dayPattern = /^(\d{4}-\d{2}-\d{2})(?:\.(\d+))?$/

/**
 * Deleted files of a folder, by their paths below it. They keep these, in a folder for each day inside `.bin`. Of more than the
 * bin holds the oldest go; the last one stays, however large it is.
 */
export interface Bin {
  /**
   * Moves a file of the folder into the bin.
   * @throws LoomError `not-found`, `io`
   */
  take(name: string): Promise<void>
  /**
   * Moves the last deleted file whose name has this id back, under a name of its own if another file has taken it.
   * @returns its name
   * @throws LoomError `not-found`, `io`
   */
  putBack(id: string): Promise<string>
  close(): void
}

interface BinOptions {
  /** Milliseconds since 1970; only tests give another clock. */
  readonly now?: () => number
  readonly most?: number
}

export function openBin(folder: string, { now = Date.now, most = mostBytes }: BinOptions = {}): Bin {
  const bin = join(folder, '.bin')
  let trimming: Promise<void> | undefined
  let again = false
  sweep()
  trim()
  const sweeping = setInterval(sweep, day).unref()

  /** The folders of the bin, newest first. */
  async function folders(): Promise<{ name: string; day: string; turn: number }[]> {
    const names = await readdir(bin).catch(() => [])
    return names
      .flatMap((name) => {
        const [, date, turn = '0'] = dayPattern.exec(name) ?? []
        return date === undefined ? [] : [{ name, day: date, turn: Number(turn) }]
      })
      .sort((a, b) => (a.day === b.day ? b.turn - a.turn : a.day < b.day ? 1 : -1))
  }

  /** Deletes for good what lies there too long. What fails is tried again on the next day. */
  function sweep(): void {
    const oldest = dateOf(now() - keptDays * day)
    folders()
      .then((all) => all.filter(({ day }) => day < oldest))
      .then((old) => Promise.all(old.map(({ name }) => rm(join(bin, name), { recursive: true, force: true }))))
      .catch(() => {})
  }

  /** Deletes the oldest files for good while all have too many bytes. Calls meanwhile are one more look at the end. */
  function trim(): void {
    again = trimming !== undefined
    trimming ??= trimOnce()
      .catch(() => {})
      .finally(() => {
        trimming = undefined
        if (again) trim()
      })
  }

  async function trimOnce(): Promise<void> {
    const files = await contents()
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    for (const file of files.slice(0, -1)) {
      if (bytes <= most) return
      await rm(file.path, { force: true })
      bytes -= file.bytes
    }
  }

  /** All deleted files in the order of their deletion. */
  async function contents(): Promise<{ path: string; bytes: number }[]> {
    const found = await Promise.all((await folders()).map(({ name, day }) => filesIn(join(bin, name), day)))
    return found.flat().sort((a, b) => (a.day === b.day ? a.deleted - b.deleted : a.day < b.day ? -1 : 1))
  }

  return {
    async take(name) {
      const path = join(folder, name)
      try {
        await place(path, (turn) => [join(bin, turn === 0 ? dateOf(now()) : `${dateOf(now())}.${turn}`), name])
      } catch (error) {
        throw osError(error, 'delete', path)
      }
      trim()
    },
    async putBack(id) {
      for (const { name: of } of await folders()) {
        const names = await readdir(join(bin, of), { recursive: true }).catch(() => [])
        const found = names.map((name) => name.replaceAll(sep, '/')).find((name) => idOf(name) === id)
        if (found === undefined) continue
        try {
          return await place(join(bin, of, found), (turn) => [folder, turn === 0 ? found : numbered(found, turn)])
        } catch (error) {
          throw osError(error, 'bring back', join(folder, found))
        }
      }
      throw unknownId('deleted picture')
    },
    close: () => clearInterval(sweeping),
  }
}

async function filesIn(folder: string, day: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const looks = paths.map(async (path) => {
    const stats = await lstat(path).catch(() => undefined)
    // moving it was the last change of its state
    return stats ? [{ path, day, bytes: stats.size, deleted: stats.ctimeMs }] : []
  })
  return (await Promise.all(looks)).flat()
}

/** The day in universal time: `2026-11-30`. */
const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

/** `fox-00003 (2).png` */
const numbered = (name: string, turn: number): string => name.replace(/(\.[^.]*)?$/, ` (${turn + 1})$1`)

/**
 * Moves a file to the first of several places that is free.
 * @returns its name there
 */
async function place(
  path: string,
  placeOf: (turn: number) => readonly [folder: string, name: string],
): Promise<string> {
  for (let turn = 0; ; turn++) {
    const [folder, name] = placeOf(turn)
    const target = join(folder, name)
    await makeFolder(dirname(target))
    try {
      await placeNew(path, target)
      return name
    } catch (error) {
      if (osCode(error) !== 'EEXIST') throw error
    }
  }
}
