import { readdir, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { danglingLink } from './dangling-link.ts'
import { ask, NoAnswer } from './drives.ts'
import { osCode } from './os-error.ts'

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
 * @throws LoomError `not-found`, with the folders that were searched, or the link that leads nowhere; `io` if it may be on a
 *   drive that does not answer
 */
export function resolveFile(name: string, roots: FileRoots): Promise<string> {
  return fileFinder(roots)(name)
}

/**
 * {@link resolveFile} for the many names of one document: each folder is read once, so that missing names cost next to nothing.
 * What it has seen it does not see again; make a new one for the next look.
 */
export function fileFinder({ folders, models, confined = false }: FileRoots): (name: string) => Promise<string> {
  const roots = [...new Set([...folders, ...models])]
  const listings = new Map<string, Promise<Listing>>()
  const searches = models.map(createSearch)

  function listingOf(folder: string): Promise<Listing> {
    const listing = listings.get(folder) ?? list(folder)
    listings.set(folder, listing)
    return listing
  }

  return async (name) => {
    const path = name.replaceAll('\\', '/')
    if (path.trim() === '' || path.includes('\0')) throw notFound(name, roots)
    let failure: LoomError | undefined
    for (const candidate of isAbsolute(path) ? [path] : roots.map((folder) => resolve(folder, path))) {
      if (confined && !roots.some((folder) => isBelow(candidate, folder))) continue
      const { names, lost } = await listingOf(dirname(candidate))
      failure ??= lost
      if (!names.has(folded(basename(candidate)))) continue
      const real = await realOf(candidate)
      if (typeof real === 'string') return real
      failure ??= real
    }
    const wanted = basename(path)
    for (const search of searches) {
      const { found, lost } = await search(wanted)
      failure ??= lost
      if (found === undefined) continue
      const real = await realOf(found)
      if (typeof real === 'string') return real
      failure ??= real
    }
    throw failure ?? notFound(name, roots)
  }
}

interface Listing {
  /** Folded. Those that the folder may have, for drives differ in which names are one. */
  readonly names: Pick<ReadonlySet<string>, 'has'>
  /** Why it could not be listed: a link on the way leads nowhere, or its drive does not answer. */
  readonly lost?: LoomError | undefined
}

/** The real path of a file that is there, or why there is none. */
async function realOf(path: string): Promise<string | LoomError | undefined> {
  try {
    return await ask(dirname(path), path, () => realpath(path))
  } catch (error) {
    return error instanceof NoAnswer ? error : danglingLink(path)
  }
}

async function list(folder: string): Promise<Listing> {
  try {
    return { names: new Set((await ask(folder, folder, () => readdir(folder))).map(folded)) }
  } catch (error) {
    if (error instanceof NoAnswer) return { names: new Set(), lost: error }
    // a folder that lets files be opened but not be listed
    if (osCode(error) === 'EACCES') return { names: { has: () => true } }
    return { names: new Set(), lost: await danglingLink(folder) }
  }
}

const folded = (name: string): string => name.normalize('NFC').toLowerCase()

/** Whether a path lies in a folder by its name. Symbolic links may lead out, because the folder's owner made them. */
function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '' && !isAbsolute(way) && way.split(sep)[0] !== '..'
}

interface Found {
  readonly found: string | undefined
  /** A folder of the search that did not answer. */
  readonly lost: LoomError | undefined
}

/** Searches a folder for names, breadth first, so that the file nearest to the folder wins. Reads it once, and no further than asked. */
function createSearch(folder: string): (wanted: string) => Promise<Found> {
  const found = new Map<string, string>()
  let lost: LoomError | undefined
  const entries = entriesBelow(folder, (error) => {
    lost ??= error
  })
  let turn: Promise<unknown> = Promise.resolve()

  async function look(wanted: string): Promise<Found> {
    while (!found.has(wanted)) {
      const { value, done } = await entries.next()
      if (done) break
      if (!found.has(value.name)) found.set(value.name, value.path)
    }
    return { found: found.get(wanted), lost }
  }

  return (wanted) => {
    const result = turn.then(() => look(wanted))
    turn = result.catch(() => {})
    return result
  }
}

async function* entriesBelow(
  folder: string,
  silent: (error: NoAnswer) => void,
): AsyncGenerator<{ name: string; path: string }, undefined> {
  let level = [folder]
  let entries = 0
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth++) {
    const below: string[] = []
    for (const parent of level) {
      const listed = await ask(folder, parent, () => readdir(parent, { withFileTypes: true })).catch(
        (error: unknown) => {
          if (error instanceof NoAnswer) silent(error)
          return []
        },
      )
      for (const entry of listed) {
        const path = join(parent, entry.name)
        yield { name: entry.name, path }
        if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules') below.push(path)
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
