import { mkdir, mkdtemp, readdir, realpath, rm, stat, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import type { Picture } from '#core/protocol/jobs.ts'
import { writeFileAtomic } from '#engine/files/atomic.ts'
import { osError } from '#engine/files/os-error.ts'
import type { Handlers } from '../handlers.ts'
import { limited } from './concurrency.ts'
import { idOf, unknownId } from './ids.ts'
import { readJsonFile } from './json-file.ts'
import { readPictureHeader } from './picture-header.ts'
import type { Thumbnails } from './thumbnails.ts'
import type { MadePicture } from './types.ts'

/** Pictures for the eye only that can still be asked for. */
const maxPassing = 200
/** A folder that changed this short ago may change again without its time telling, in milliseconds. */
const settled = 2000

/** One line of the index; without a width it is no picture, and is not read again. */
const entrySchema = z.object({
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
  readonly handlers: Handlers<'listPictures' | 'deletePicture'>
  /** Folder of pictures for the eye only; it goes with the program. */
  readonly scratch: string
  add(made: MadePicture): Promise<Picture>
  /** Where a picture is, whether it stays or passes. */
  pathOf(id: string): string
  close(): Promise<void>
}

interface PicturesOptions {
  readonly folder: string
  /** Keeps what the headers said, so that they are read once. */
  readonly indexFile: string
  readonly thumbnails: Thumbnails
}

/**
 * The made pictures: those of one folder, as it is on disk, whoever wrote them, and the last of those that were only shown.
 * The folder is looked at again when it has changed; headers are read once.
 */
export async function openPictures({ folder: given, indexFile, thumbnails }: PicturesOptions): Promise<Pictures> {
  await mkdir(given, { recursive: true })
  const folder = await realpath(given)
  const scratch = await realpath(await mkdtemp(join(tmpdir(), 'latent-loom-')))
  const known = new Map((await readJsonFile(indexFile, z.array(entrySchema)))?.map((entry) => [entry.name, entry]))
  const names = new Map<string, string>()
  const passing = new Map<string, string>()
  const run = limited(16)
  let scanned = 0
  let scanning: Promise<void> | undefined

  /** Looks at the folder unless it is as it was; any number of callers share one look. */
  async function look(): Promise<void> {
    const { mtimeMs } = await stat(folder)
    if (mtimeMs < scanned - settled) return
    const started = Date.now()
    const files = (await readdir(folder, { withFileTypes: true })).filter(
      (entry) => entry.isFile() && /^[^.].*\.png$/i.test(entry.name),
    )
    const there = new Set(files.map(({ name }) => name))
    let changed = false
    for (const name of known.keys()) {
      if (!there.has(name)) changed = known.delete(name) || changed
    }
    await Promise.all(
      files.filter(({ name }) => !(known.has(name) && names.has(idOf(name)))).map(({ name }) => run(() => meet(name))),
    ).then((met) => {
      changed ||= met.includes(true)
    })
    names.clear()
    for (const name of known.keys()) names.set(idOf(name), name)
    scanned = started
    if (changed) await writeFileAtomic(indexFile, JSON.stringify([...known.values()])).catch(() => {})
  }

  /** Reads the header of a file that is new or not as it was; tells whether it did. */
  async function meet(name: string): Promise<boolean> {
    const path = join(folder, name)
    const stats = await stat(path).catch(() => undefined)
    if (!stats) return known.delete(name)
    const { size: bytes, mtimeMs: made } = stats
    const before = known.get(name)
    if (before && before.bytes === bytes && before.made === made) return false
    const header = await readPictureHeader(path).catch(() => undefined)
    known.set(name, { name, bytes, made, ...header })
    return true
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
    await rm(oldest[1], { force: true }).catch(() => {})
  }

  async function add({ path: madeAt, passing: passes, node, width, height, seed }: MadePicture): Promise<Picture> {
    const path = await realpath(madeAt)
    const name = basename(path)
    if (dirname(path) !== (passes ? scratch : folder)) {
      throw new LoomError('internal', `${path} is not where pictures are made.`)
    }
    const { size: bytes, mtimeMs: made } = await stat(path)
    const fields = { node, width, height, ...(seed !== undefined && { seed }) }
    const id = passes ? idOf(path) : idOf(name)
    if (passes) await addPassing(path, id)
    else {
      known.set(name, { name, bytes, made, ...fields })
      names.set(id, name)
    }
    return { id, name, made, passing: passes, ...fields }
  }

  // the first list finds the headers read
  refresh().catch(() => {})

  return {
    scratch,
    add,
    pathOf(id) {
      const name = names.get(id)
      const path = name === undefined ? passing.get(id) : join(folder, name)
      if (path === undefined) throw unknownId('picture')
      return path
    },
    handlers: {
      async listPictures() {
        await refresh()
        const pictures = Array.from(known.values(), pictureOf).flat()
        return { pictures: pictures.sort((a, b) => b.made - a.made || (a.name < b.name ? 1 : -1)) }
      },
      async deletePicture({ id }) {
        const name = names.get(id)
        if (name === undefined) throw unknownId('picture')
        const path = join(folder, name)
        await thumbnails.forget(path)
        await unlink(path).catch((error: unknown) => {
          const problem = osError(error, 'delete', path)
          if (problem.code !== 'not-found') throw problem
        })
        known.delete(name)
        names.delete(id)
        return {}
      },
    },
    async close() {
      await scanning?.catch(() => {})
      await rm(scratch, { recursive: true, force: true })
    },
  }
}

function pictureOf({ name, made, width, height, node = '', seed }: Entry): Picture[] {
  if (width === undefined || height === undefined) return []
  return [{ id: idOf(name), name, made, width, height, node, passing: false, ...(seed !== undefined && { seed }) }]
}
