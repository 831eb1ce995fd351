import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import type { ModelKind } from '#core/protocol/routes.ts'
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
  readonly expected: ModelKind | undefined
  /** The preview picture beside the file. */
  readonly picture: string | undefined
}

export interface Walk {
  readonly models: readonly FoundModel[]
  /** Every folder that the walk entered. */
  readonly folders: readonly string[]
}

interface Level {
  readonly path: string
  /** Path from the root, with a trailing slash; '' for the root. */
  readonly prefix: string
  readonly expected: FoundModel['expected']
}

/** Finds the model files and diffusers folders below a folder, without opening one. Follows links; skips cycles and pipes. */
export async function walkModels(root: string): Promise<Walk> {
  const run = pLimit(16)
  const seen = new Set<string>()
  const folders: string[] = []
  const models: Promise<FoundModel | undefined>[] = []
  let entries = 0
  let level: Level[] = [await startOf(root)]
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth++) {
    const below: Level[] = []
    for (const { path, prefix, expected } of level) {
      const real = await realpath(path).catch(() => undefined)
      if (real === undefined || seen.has(real) || entries > maxEntries) continue
      seen.add(real)
      const listed = await readdir(real, { withFileTypes: true }).catch(() => [])
      entries += listed.length
      folders.push(real)
      const names = new Set(listed.map(({ name }) => name))
      const find = (name: string) =>
        models.push(run(() => foundAt(join(real, name), prefix + name, expected, pictureBeside(real, name, names))))
      for (const entry of listed) {
        const kind = await kindOf(entry, real)
        if (kind === 'file' && modelFile.test(entry.name) && !entry.name.startsWith('.')) find(entry.name)
        if (kind !== 'folder' || skippedFolder.test(entry.name)) continue
        const inside = join(real, entry.name)
        if (await isDiffusers(inside)) find(entry.name)
        else {
          const kindBelow = kindsByFolder.get(entry.name.toLowerCase()) ?? expected
          below.push({ path: inside, prefix: `${prefix}${entry.name}/`, expected: kindBelow })
        }
      }
    }
    level = below
  }
  const found = (await Promise.all(models)).filter((model) => model !== undefined)
  return { models: found.sort((a, b) => (a.name < b.name ? -1 : 1)), folders }
}

async function startOf(root: string): Promise<Level> {
  const models = join(root, 'models')
  const names = await readdir(models).catch(() => [])
  return names.some((name) => insideInstallation.includes(name))
    ? { path: models, prefix: 'models/', expected: undefined }
    : { path: root, prefix: '', expected: undefined }
}

async function kindOf(entry: Dirent, folder: string): Promise<'file' | 'folder' | 'other'> {
  const of = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => entry) : entry
  return of.isFile() ? 'file' : of.isDirectory() ? 'folder' : 'other'
}

async function isDiffusers(folder: string): Promise<boolean> {
  const stats = await stat(join(folder, 'model_index.json')).catch(() => undefined)
  return stats?.isFile() ?? false
}

async function foundAt(
  path: string,
  name: string,
  expected: FoundModel['expected'],
  picture: string | undefined,
): Promise<FoundModel | undefined> {
  try {
    const real = await realpath(path)
    return { ...(await stateOf(real)), name, path: real, expected, picture }
  } catch {
    // deleted during the walk
    return undefined
  }
}

function pictureBeside(folder: string, name: string, names: ReadonlySet<string>): string | undefined {
  const stem = name.replace(modelFile, '')
  const ending = pictureEndings.find((each) => names.has(stem + each))
  return ending === undefined ? undefined : join(folder, stem + ending)
}
