import { opendir, realpath } from 'node:fs/promises'
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { danglingLink } from './dangling-link.ts'

/** Limits of the search below a model folder, in case somebody sets a home folder as model folder. */
const maxDepth = 5
const maxEntries = 50_000

/** The folders in which files are looked for: absolute, in order of preference. */
export interface FileRoots {
  /** Folders that relative names start from. */
  readonly folders: readonly string[]
  /** Model folders. Relative names start from them too, and a bare file name is found anywhere below them. */
  readonly models: readonly string[]
  /** Refuses files outside these folders. A server sets it for names from its clients. */
  readonly confined?: boolean
}

/**
 * The real path of a file that a document names. The name is tried as a path from each folder in turn, then without its
 * folder anywhere below the model folders, because other machines sort their models differently.
 * @throws LoomError `not-found`, with the folders that were searched, or the link that leads nowhere
 */
export async function resolveFile(name: string, { folders, models, confined = false }: FileRoots): Promise<string> {
  const path = name.replaceAll('\\', '/')
  const roots = [...new Set([...folders, ...models])]
  let dangling: LoomError | undefined
  if (path.trim() === '' || path.includes('\0')) throw notFound(name, roots)
  for (const candidate of isAbsolute(path) ? [path] : roots.map((folder) => resolve(folder, path))) {
    if (confined && !roots.some((folder) => isBelow(candidate, folder))) continue
    const real = await realpath(candidate).catch(() => undefined)
    if (real !== undefined) return real
    dangling ??= await danglingLink(candidate)
  }
  const wanted = basename(path)
  for (const folder of models) {
    const found = await search(folder, wanted)
    const real = found && (await realpath(found).catch(() => undefined))
    if (real) return real
    if (found !== undefined) dangling ??= await danglingLink(found)
  }
  throw dangling ?? notFound(name, roots)
}

/** Whether a path lies in a folder by its name. Symbolic links may lead out, because the folder's owner made them. */
function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '' && !isAbsolute(way) && way.split(sep)[0] !== '..'
}

/** Searches breadth first, so that the file nearest to the folder wins. */
async function search(folder: string, wanted: string): Promise<string | undefined> {
  let level = [folder]
  let entries = 0
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth++) {
    const below: string[] = []
    for (const parent of level) {
      const directory = await opendir(parent).catch(() => undefined)
      if (!directory) continue
      for await (const entry of directory) {
        if (entry.name === wanted) return join(parent, entry.name)
        if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules') {
          below.push(join(parent, entry.name))
        }
        entries += 1
        if (entries > maxEntries) return undefined
      }
    }
    level = below
  }
  return undefined
}

function notFound(name: string, folders: readonly string[]): LoomError {
  return new LoomError('not-found', `The file "${name}" is in none of these folders: ${folders.join(', ')}.`, {
    input: 'file',
    hint: 'Put it into one of them, name another folder with --models, or choose another file in the node.',
  })
}
