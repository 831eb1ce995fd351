import { readdir, realpath, rm, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import pLimit from 'p-limit'
import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import type { Picture } from '#core/protocol/jobs.ts'
import { writeFileAtomic } from '#engine/files/atomic.ts'
import { makeFolder } from '#engine/files/make-folder.ts'
import { osError } from '#engine/files/os-error.ts'
import type { Handlers } from '../handlers.ts'
import { openBin } from './bin.ts'
import { idOf, unknownId } from './ids.ts'
import { readJsonFile } from './json-file.ts'
import { readPictureHeader } from './picture-header.ts'
import type { Thumbnails } from './thumbnails.ts'
import type { MadePicture } from './types.ts'

/** How many temporary pictures can still be requested. */
const maxPassing = 200
/** Milliseconds after a change in which a folder may change again without a newer modification time. */
const settled = 2000

/** Levels of folders below the output folder that are looked into. */
const maxDepth = 10

/** One line of the index. A file without a width is not a picture and is not read again. */
const entrySchema = z.object({
  /** Path below the output folder, with forward slashes. */
  name: z.string(),
  bytes: z.number(),
  made: z.number(),
  width: z.number().int().optional(),
  height: z.number().int().optional(),
  node: z.string().optional(),
  seed: z.string().optional(),
})
type Entry = z.infer<typeof entrySchema>

export interface Pictures {
  readonly handlers: Handlers<'listPictures' | 'deletePicture' | 'restorePicture'>
  /** Folder of temporary pictures, deleted when the program ends. */
  readonly scratch: string
  add(made: MadePicture): Promise<Picture>
  /**
   * Does something with the file of a picture, saved or temporary. A picture whose file is gone is gone from then on.
   * @throws LoomError `not-found`, or what `work` throws
   */
  withFile<T>(id: string, work: (path: string) => Promise<T>): Promise<T>
  /** Calls `listener` when a picture is gone, and when it is there again, perhaps under another name. */
  onChange(listener: PictureListener): void
  close(): Promise<void>
}

type PictureListener = (id: string, picture: Picture | undefined) => void

interface PicturesOptions {
  readonly folder: string
  /** Folder for temporary pictures. */
  readonly scratch: string
  /** Stores what the headers hold, so that they are read once. */
  readonly indexFile: string
  readonly thumbnails: Thumbnails
}

/**
 * The pictures of the output folder, whoever wrote them, and the newest temporary ones.
 * The folder is read again when it has changed; headers are read once.
 */
export async function openPictures({ indexFile, thumbnails, ...given }: PicturesOptions): Promise<Pictures> {
  await makeFolder(given.folder)
  const folder = await realpath(given.folder)
  const scratch = await realpath(given.scratch)
  /** Header data by file name, also of files that are not pictures. */
  const known = new Map((await readJsonFile(indexFile, z.array(entrySchema)))?.map((entry) => [entry.name, entry]))
  /** Names of the files that exist now; the index may be older. */
  const there = new Map<string, Entry>()
  /** Names by id. */
  const names = new Map<string, string>()
  let listed: readonly Picture[] | undefined
  const passing = new Map<string, string>()
  const bin = openBin(folder)
  let tell: PictureListener = () => {}
  const run = pLimit(16)
  /** The output folder and those below it, as names like those of pictures. */
  let folders: readonly string[] = ['']
  let scanned = 0
  let scanning: Promise<void> | undefined

  /** Whether anything was added or removed since the last look. */
  async function hasChanged(): Promise<boolean> {
    const { mtimeMs } = await stat(folder).catch(async () => {
      await makeFolder(folder)
      return stat(folder)
    })
    const below = folders.filter((name) => name !== '')
    const times = below.map((name) => run(() => stat(join(folder, name)).catch(() => ({ mtimeMs: Infinity }))))
    return [{ mtimeMs }, ...(await Promise.all(times))].some((each) => each.mtimeMs >= scanned - settled)
  }

  /** Reads the folder if it has changed. Concurrent callers share one read. */
  async function look(): Promise<void> {
    if (!(await hasChanged())) return
    const started = Date.now()
    // files added from here on may be missing in the listing
    const before = [...known.keys()]
    const walked = await walkPictures(folder)
    folders = walked.folders
    const found = new Set(walked.files)
    const gone = before.filter((name) => !found.has(name))
    for (const name of gone) drop(name)
    const fresh = walked.files.filter((name) => !there.has(name))
    const read = await Promise.all(fresh.map((name) => run(() => meet(name))))
    scanned = started
    if (gone.length === 0 && !read.includes(true)) return
    await writeFileAtomic(indexFile, JSON.stringify([...known.values()])).catch(() => {})
  }

  function put(entry: Entry): void {
    known.set(entry.name, entry)
    there.set(entry.name, entry)
    if (entry.width !== undefined) names.set(idOf(entry.name), entry.name)
    listed = undefined
  }

  function drop(name: string): void {
    known.delete(name)
    there.delete(name)
    listed = undefined
    if (names.delete(idOf(name))) tell(idOf(name), undefined)
  }

  /** Reads the header of a file if the file has changed. @returns whether it did */
  async function meet(name: string): Promise<boolean> {
    const path = join(folder, name)
    const stats = await stat(path).catch(() => undefined)
    if (!stats) return false
    const { size: bytes, mtimeMs: made } = stats
    const before = known.get(name)
    const same = before?.bytes === bytes && before.made === made
    const header = same ? undefined : await readPictureHeader(path, name).catch(() => undefined)
    // a run may have added it meanwhile, with more data
    if (there.has(name)) return true
    put(same ? before : { name, bytes, made, ...header })
    return !same
  }

  const refresh = (): Promise<void> => {
    scanning ??= look()
      .catch((error: unknown) => {
        throw osError(error, 'read', folder)
      })
      .finally(() => {
        scanning = undefined
      })
    return scanning
  }

  async function addPassing(path: string, id: string): Promise<void> {
    passing.set(id, path)
    const [oldest] = passing
    if (passing.size <= maxPassing || !oldest) return
    passing.delete(oldest[0])
    tell(oldest[0], undefined)
    await rm(oldest[1], { force: true }).catch(() => {})
  }

  async function add({ path: madeAt, passing: passes, node, width, height, seed }: MadePicture): Promise<Picture> {
    const path = await realpath(madeAt)
    const name = relative(passes ? scratch : folder, path).replaceAll(sep, '/')
    if (isAbsolute(name) || name.startsWith('../')) {
      throw new LoomError('internal', `${path} is not where pictures are made.`)
    }
    const { size: bytes, mtimeMs: made } = await stat(path)
    const fields = { node, width, height, ...(seed !== undefined && { seed }) }
    const id = passes ? idOf(path) : idOf(name)
    if (passes) await addPassing(path, id)
    else put({ name, bytes, made, ...fields })
    return { id, name, made, passing: passes, ...fields }
  }

  // so that the first list does not wait for headers
  refresh().catch(() => {})

  return {
    scratch,
    add,
    async withFile(id, work) {
      const name = names.get(id)
      const path = name === undefined ? passing.get(id) : join(folder, name)
      if (path === undefined) throw unknownId('picture')
      try {
        return await work(path)
      } catch (error) {
        if (name !== undefined && error instanceof LoomError && error.code === 'not-found') {
          drop(name)
          // or a drive was away and comes back with all its files
          scanned = 0
        }
        throw error
      }
    },
    handlers: {
      async listPictures() {
        await refresh()
        listed ??= Array.from(there.values(), pictureOf)
          .flat()
          .sort((a, b) => b.made - a.made || (a.name < b.name ? 1 : -1))
        return { pictures: [...listed] }
      },
      async deletePicture({ id }) {
        const name = names.get(id)
        if (name === undefined) throw unknownId('picture')
        await thumbnails.forget(join(folder, name))
        await bin.take(name).catch((error: unknown) => {
          // another program may have deleted it
          if (!(error instanceof LoomError) || error.code !== 'not-found') throw error
        })
        drop(name)
        return {}
      },
      async restorePicture({ id }) {
        const name = await bin.putBack(id)
        await meet(name)
        const [picture] = [there.get(name)].flatMap((entry) => (entry ? pictureOf(entry) : []))
        if (!picture) throw unknownId('picture')
        tell(id, picture)
        return picture
      },
    },
    onChange(listener) {
      tell = listener
    },
    async close() {
      bin.close()
      await scanning?.catch(() => {})
      await rm(scratch, { recursive: true, force: true })
    },
  }
}

function pictureOf({ name, made, width, height, node = '', seed }: Entry): Picture[] {
  if (width === undefined || height === undefined) return []
  return [{ id: idOf(name), name, made, width, height, node, passing: false, ...(seed !== undefined && { seed }) }]
}

/** The PNG files in a folder and the folders below it, hidden ones and links left out, by their paths below it. */
async function walkPictures(root: string): Promise<{ folders: string[]; files: string[] }> {
  const folders: string[] = []
  const files: string[] = []
  let level = ['']
  for (let depth = 0; depth < maxDepth && level.length > 0; depth++) {
    const below: string[] = []
    for (const at of level) {
      // only the output folder itself has to be there
      const entries = await readdir(join(root, at), { withFileTypes: true }).catch((error: unknown) => {
        if (at === '') throw error
        return []
      })
      folders.push(at)
      for (const entry of entries) {
        if (entry.name.startsWith('.')) continue
        if (entry.isDirectory()) below.push(`${at}${entry.name}/`)
        else if (entry.isFile() && /\.png$/i.test(entry.name)) files.push(at + entry.name)
      }
    }
    level = below
  }
  return { folders, files }
}
