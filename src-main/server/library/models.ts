import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pLimit from 'p-limit'
import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { inTime } from '#core/in-time.ts'
import type { ModelFile } from '#core/protocol/routes.ts'
import type { Engine } from '#engine/engine.ts'
import { writeFileAtomic } from '#engine/files/atomic.ts'
import type { Handlers } from '../handlers.ts'
import { describeModel, descriptionSchema, type ModelDescription, unreadable } from './describe-model.ts'
import { idOf, unknownId } from './ids.ts'
import { readJsonFile } from './json-file.ts'
import { type FoundModel, type Walk, walkModels } from './model-walk.ts'

/** Version of the cached descriptions. Raise it when a description changes, so that older caches are ignored. */
const cacheVersion = 2
const cacheSchema = z.object({
  version: z.literal(cacheVersion),
  models: z.array(z.tuple([z.string(), descriptionSchema])),
})

/** Milliseconds: how long a list waits for the first scan, how often a long scan reports, how long a folder must be quiet before a rescan. */
const patience = 700
const progress = 500
const quiet = 500
const maxWatched = 256

interface Listed {
  readonly file: ModelFile
  readonly path: string
  readonly picture: string | undefined
}

export interface Models {
  readonly handlers: Handlers<'listModels' | 'refreshModels' | 'inspectModel'>
  /** The picture beside a model file. */
  pictureOf(id: string): string
  onChange(listener: () => void): void
  close(): Promise<void>
}

interface LookLimits {
  /** Milliseconds that the header of one file may take, and that a request waits for all. */
  readonly file: number
  readonly all: number
  /** Milliseconds that the end of the program waits for a look. */
  readonly end: number
}
/** Shorter than a reader waits for a drive, so that no second file of a lost one is read. */
const defaultLimits: LookLimits = { file: 25_000, all: 60_000, end: 1_000 }

interface ModelsOptions {
  /** Model folders. The first one that has a file wins. */
  readonly roots: readonly string[]
  readonly cacheFile: string
  readonly engine: Pick<Engine, 'inspect'>
  readonly limits?: Partial<LookLimits>
  /** Reads a header. */
  readonly describe?: (model: FoundModel) => Promise<ModelDescription>
}

/**
 * The model files below the model folders, each described from its header, which is read once for each state of the file,
 * also across starts. Folders are watched; a network drive that does not tell is looked at on `refreshModels`.
 */
export async function openModels({
  roots,
  cacheFile,
  engine,
  describe = describeModel,
  limits: given,
}: ModelsOptions): Promise<Models> {
  const limits = { ...defaultLimits, ...given }
  const folders = nameFolders(roots)
  const described = new Map((await readJsonFile(cacheFile, cacheSchema))?.models)
  /** Files that could not be read this time: the drive is away, or permission is missing. */
  const doubtful = new Set<string>()
  const listeners = new Set<() => void>()
  const watchers = new Map<string, FSWatcher>()
  const run = pLimit(4)
  let listed: ReadonlyMap<string, Listed> = new Map()
  /** The last walk of each folder. */
  const walks: (Walk | undefined)[] = folders.map(() => undefined)
  let printed = ''
  let timer: NodeJS.Timeout | undefined
  let closed = false
  /** Whether the cache on disk is behind what is known. */
  let unkept = false

  function publish(models: readonly Rooted[]): void {
    listed = new Map(models.flatMap((model) => listedOf(model, described)).map((entry) => [entry.file.id, entry]))
    const now = JSON.stringify([Array.from(listed.values(), ({ file }) => file), walks.map((walk) => walk?.silent)])
    if (now === printed) return
    printed = now
    for (const listener of listeners) listener()
  }

  /** What the walks have found; of a folder that is being walked, what was there before. */
  const found = () => nearest(folders.map(({ name }, index) => ({ folder: name, models: walks[index]?.models ?? [] })))

  async function look(): Promise<void> {
    const begun = new Set<string>()
    const lost = new Set<string>()
    const isNew = (model: FoundModel) => {
      const key = keyOf(model)
      if (begun.has(key) || (described.has(key) && !doubtful.has(key))) return false
      begun.add(key)
      return true
    }
    const showing = setInterval(() => publish(found()), progress)
    // each by itself, for one of a drive that does not answer takes long
    const looks = folders.map(async ({ place }, index) => {
      walks[index] = await walkModels(place)
      await Promise.all(walks[index].models.filter(isNew).map((model) => run(() => describeInTime(model, lost))))
    })
    await Promise.all(looks).finally(() => clearInterval(showing))
    if (closed) return
    publish(found())
    watchAll(walks.flatMap((walk) => walk?.folders ?? []))
    const keys = new Set(found().map(keyOf))
    // what lies on a drive that is away is known when it comes back
    const isWhole = walks.every((walk) => walk?.silent.length === 0)
    for (const key of described.keys()) {
      if (isWhole && !keys.has(key)) unkept = described.delete(key)
    }
    await keep()
  }

  /** @param lost drives that have not answered during this look, which are asked no more */
  async function describeInTime(model: FoundModel, lost: Set<string>): Promise<void> {
    if (closed) return
    const key = keyOf(model)
    const late = () => {
      lost.add(model.drive)
      return drivesHang(model.path)
    }
    try {
      if (lost.has(model.drive)) late()
      described.set(key, await inTime(describe(model), limits.file, late))
      doubtful.delete(key)
      unkept = true
    } catch (error) {
      described.set(key, unreadable(model, error))
      doubtful.add(key)
    }
  }

  /** Saves what is known, so that the next start reads no header twice. Called during a scan too, so that an early end keeps its part. */
  async function keep(): Promise<void> {
    if (!unkept) return
    unkept = false
    const models = [...described].filter(([key]) => !doubtful.has(key))
    await writeFileAtomic(cacheFile, JSON.stringify({ version: cacheVersion, models })).catch(() => {})
  }

  let looking: Promise<void> | undefined
  let again: Promise<void> | undefined
  /** Starts a scan after the call. Callers that arrive before it starts share it. */
  function refresh(): Promise<void> {
    if (closed) return Promise.resolve()
    if (!looking) {
      looking = look().finally(() => {
        looking = undefined
      })
      return looking
    }
    again ??= looking
      .catch(() => {})
      .then(() => {
        again = undefined
        return refresh()
      })
    return again
  }

  /** Waits until a folder is quiet, because a download changes it all the time. */
  function changedSoon(): void {
    clearTimeout(timer)
    timer = setTimeout(() => refresh().catch(() => {}), quiet)
    timer.unref()
  }

  function watchAll(places: readonly string[]): void {
    const wanted = new Set(places.slice(0, maxWatched))
    for (const [place, watcher] of watchers) {
      if (wanted.has(place)) continue
      watcher.close()
      watchers.delete(place)
    }
    for (const place of wanted) {
      if (watchers.has(place)) continue
      try {
        const watcher = watch(place, { persistent: false }, changedSoon)
        watcher.on('error', () => watcher.close())
        watchers.set(place, watcher)
      } catch {
        // a folder that cannot be watched is scanned on refresh
      }
    }
  }

  const first = refresh().catch(() => {})

  function entryOf(id: string): Listed {
    const entry = listed.get(id)
    if (!entry) throw unknownId('model file')
    return entry
  }

  return {
    handlers: {
      async listModels() {
        await Promise.race([first, sleep(patience, undefined, { ref: false })])
        return {
          files: Array.from(listed.values(), ({ file }) => file),
          folders: folders.map(({ name }, index) => {
            const [first] = walks[index]?.silent ?? []
            return first === undefined ? { name } : { name, silent: first.replace(/\/$/, '') }
          }),
        }
      },
      async refreshModels() {
        await inTime(refresh(), limits.all, () => drivesHang('the model folders'))
        return {}
      },
      inspectModel: async ({ id }) => engine.inspect({ file: entryOf(id).path }),
    },
    pictureOf(id) {
      const { picture } = entryOf(id)
      if (picture === undefined) throw unknownId('picture')
      return picture
    },
    onChange(listener) {
      listeners.add(listener)
    },
    async close() {
      closed = true
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
      const looks = Promise.allSettled([looking, again]).then(() => {})
      await inTime(looks, limits.end, () => {})
      await keep()
    },
  }
}

function drivesHang(what: string): never {
  throw new LoomError('io', `Cannot read ${what}: the drive does not answer.`, {
    hint: 'Check the drive or the network connection, then look again.',
  })
}

interface Rooted extends FoundModel {
  /** Name of its model folder. */
  readonly folder: string
}

/** Models as documents can name them. Of equal names the first counts, and each file is listed once. */
function nearest(walks: readonly { readonly folder: string; readonly models: readonly FoundModel[] }[]): Rooted[] {
  const names = new Set<string>()
  const paths = new Set<string>()
  return walks.flatMap(({ folder, models }) =>
    models.flatMap((model) => {
      if (names.has(model.name) || paths.has(model.path)) return []
      names.add(model.name)
      paths.add(model.path)
      return [{ ...model, folder }]
    }),
  )
}

const keyOf = ({ path, signature }: FoundModel): string => `${path}\n${signature}`

function listedOf(model: Rooted, described: ReadonlyMap<string, ModelDescription>): Listed[] {
  const description = described.get(keyOf(model))
  if (!description) return []
  const { name, folder, path, picture, bytes, modified } = model
  const hasPicture = picture !== undefined
  return [{ file: { id: idOf(path), name, folder, ...description, bytes, modified, hasPicture }, path, picture }]
}

/** Titles of folders: their own names, with the parent's name where two are equal. */
function nameFolders(roots: readonly string[]): { name: string; place: string }[] {
  const nameWays = [basename, (place: string) => `${basename(dirname(place))}/${basename(place)}`]
  const isAlone = (name: (place: string) => string, place: string) =>
    roots.filter((other) => name(other) === name(place)).length === 1
  return roots.map((place) => {
    const name = nameWays.find((each) => isAlone(each, place))?.(place) ?? place
    return { name, place }
  })
}
