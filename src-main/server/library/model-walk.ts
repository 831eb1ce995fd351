import type { Dirent } from 'node:fs'
import { readdir, readlink, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ModelKind } from '#core/protocol/routes.ts'
import { ask, NoAnswer } from '#engine/files/drives.ts'
import { type FileState, stateOf } from './signature.ts'

/** Limits of a walk: the depth and the number of entries that the search for a document's file names has too. */
const maxDepth = 5
const maxEntries = 50_000

/** Folders of a ComfyUI or A1111 installation that hold models; its other folders hold code. */
const insideInstallation = ['checkpoints', 'loras', 'Stable-diffusion', 'Lora']

/** Extensions of model files. The content decides whether such a file can be used, and says why not. */
const modelFile = /\.(safetensors|sft|ckpt|pt|pth|bin|pkl|gguf)$/i
const skippedFolder = /^(\.|node_modules$|__pycache__$|venv$)/
const pictureEndings = ['.preview.png', '.png', '.jpg', '.jpeg', '.webp', '.preview.jpg', '.preview.webp']

/** The kind of model that a folder's name implies, for files that do not say it themselves. */
const kindsByFolder: ReadonlyMap<string, ModelKind> = new Map<string, ModelKind>([
  ['checkpoints', 'checkpoint'],
  ['stable-diffusion', 'checkpoint'],
  ['diffusers', 'checkpoint'],
  ['loras', 'lora'],
  ['lora', 'lora'],
  ['lycoris', 'lora'],
  ['unet', 'unet'],
  ['diffusion_models', 'unet'],
  ['clip', 'text-encoder'],
  ['text_encoders', 'text-encoder'],
  ['vae', 'vae'],
  ['vae_approx', 'vae'],
  ['embeddings', 'embedding'],
])

export interface FoundModel extends FileState {
  /** Relative to the root, with forward slashes. */
  readonly name: string
  /** With every symbolic link resolved. */
  readonly path: string
  /** What answers or hangs together with it: its folder, or that which a link leads to. */
  readonly drive: string
  readonly expected: ModelKind | undefined
  /** The preview picture beside the file. */
  readonly picture: string | undefined
}

export interface Walk {
  readonly models: readonly FoundModel[]
  /** Every folder that the walk entered. */
  readonly folders: readonly string[]
  /** Folders and links, relative to the root, whose drives did not answer: what lies there is not among the models. */
  readonly silent: readonly string[]
}

interface Level extends Pick<FoundModel, 'drive' | 'expected'> {
  readonly path: string
  /** Path from the root, with a trailing slash; '' for the root. */
  readonly prefix: string
}

/**
 * Finds the model files and diffusers folders below a folder, without opening one. Follows links; skips cycles and pipes. Each
 * call has its time: a folder whose drive does not answer is told, and the others are walked.
 */
export async function walkModels(root: string): Promise<Walk> {
  const seen = new Set<string>()
  const folders: string[] = []
  const silent = new Set<string>()
  const models: Promise<FoundModel | undefined>[] = []
  let entries = 0

  /** The answer of a drive about `name`; what `otherwise` is if there is none. */
  async function told<T>(drive: string, name: string, call: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await ask(drive, name, call)
    } catch (error) {
      if (error instanceof NoAnswer) silent.add(name)
      return otherwise
    }
  }

  async function foundAt(place: Level, name: string, drive: string, names: ReadonlySet<string>) {
    const path = join(place.path, name)
    const find = async (): Promise<FoundModel> => {
      const real = await realpath(path)
      const picture = pictureBeside(place.path, name, names)
      return {
        ...(await stateOf(real)),
        name: place.prefix + name,
        path: real,
        drive,
        expected: place.expected,
        picture,
      }
    }
    // what fails was deleted during the walk
    return told(drive, place.prefix + name, find, undefined)
  }

  async function enter(place: Level): Promise<Level[]> {
    const { drive, prefix, expected } = place
    const real = await told(drive, prefix, () => realpath(place.path), undefined)
    if (real === undefined || seen.has(real) || entries > maxEntries) return []
    seen.add(real)
    const listed = await told(drive, prefix, () => readdir(real, { withFileTypes: true }), undefined)
    if (!listed) return []
    entries += listed.length
    folders.push(real)
    const names = new Set(listed.map(({ name }) => name))
    const below: Level[] = []
    for (const entry of listed) {
      const inside = join(real, entry.name)
      const own = await driveOf(entry, inside, drive)
      const kind = await told(own, prefix + entry.name, () => kindOf(entry, inside), 'other')
      const find = () => models.push(foundAt({ ...place, path: real }, entry.name, own, names))
      if (kind === 'file' && modelFile.test(entry.name) && !entry.name.startsWith('.')) find()
      if (kind !== 'folder' || skippedFolder.test(entry.name)) continue
      if (await told(own, prefix + entry.name, () => isDiffusers(inside), false)) find()
      else {
        const kindBelow = kindsByFolder.get(entry.name.toLowerCase()) ?? expected
        below.push({ path: inside, prefix: `${prefix}${entry.name}/`, drive: own, expected: kindBelow })
      }
    }
    return below
  }

  let level: Level[] = [await told(root, '', () => startOf(root), plainStart(root))]
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth++) {
    const below: Level[] = []
    for (const place of level) below.push(...(await enter(place)))
    level = below
  }
  const found = (await Promise.all(models)).filter((model) => model !== undefined)
  return { models: found.sort((a, b) => (a.name < b.name ? -1 : 1)), folders, silent: [...silent] }
}

const plainStart = (root: string): Level => ({ path: root, prefix: '', drive: root, expected: undefined })

async function startOf(root: string): Promise<Level> {
  const models = join(root, 'models')
  const names = await readdir(models).catch(() => [])
  const isInstallation = names.some((name) => insideInstallation.includes(name))
  return isInstallation ? { ...plainStart(root), path: models, prefix: 'models/' } : plainStart(root)
}

/** A folder may be another drive, and a link may lead to one: each answers for itself. */
async function driveOf(entry: Dirent, path: string, drive: string): Promise<string> {
  if (entry.isDirectory()) return path
  if (!entry.isSymbolicLink()) return drive
  const target = await readlink(path).catch(() => undefined)
  return target === undefined ? drive : dirname(resolve(dirname(path), target))
}

async function kindOf(entry: Dirent, path: string): Promise<'file' | 'folder' | 'other'> {
  const of = entry.isSymbolicLink() ? await stat(path).catch(() => entry) : entry
  return of.isFile() ? 'file' : of.isDirectory() ? 'folder' : 'other'
}

async function isDiffusers(folder: string): Promise<boolean> {
  const stats = await stat(join(folder, 'model_index.json')).catch(() => undefined)
  return stats?.isFile() ?? false
}

function pictureBeside(folder: string, name: string, names: ReadonlySet<string>): string | undefined {
  const stem = name.replace(modelFile, '')
  const ending = pictureEndings.find((each) => names.has(stem + each))
  return ending === undefined ? undefined : join(folder, stem + ending)
}
