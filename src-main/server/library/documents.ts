import { createHash } from 'node:crypto'
import { lstat, readdir, realpath, rm, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { sanitizeFileName } from '#core/formats/file-name.ts'
import type { DocumentContent, DocumentInfo } from '#core/protocol/routes.ts'
import { maxDocumentBytes, type Workflow } from '#core/workflow/document.ts'
import { createFileAtomic, writeFileAtomic } from '#engine/files/atomic.ts'
import { readDocument } from '#engine/files/document.ts'
import { removeLeftovers } from '#engine/files/leftovers.ts'
import { makeFolder } from '#engine/files/make-folder.ts'
import { writeNumberedFile } from '#engine/files/numbered-file.ts'
import { osError } from '#engine/files/os-error.ts'
import { readWhole, withRegularFile } from '#engine/files/regular-file.ts'
import { withLock } from '../../engine/files/file-lock.ts'
import type { Handlers } from '../handlers.ts'
import { idOf, unknownId } from './ids.ts'
import { inTurn } from './in-turn.ts'
import { readJsonFile } from './json-file.ts'

const extension = '.loom.json'
/** Previous versions of each document that are kept. */
const backups = 10
const maxRecent = 20

const registrySchema = z.object({
  /** Paths of documents outside the documents folder. */
  documents: z.array(z.object({ id: z.string(), path: z.string() })),
  /** Ids, most recently opened first. */
  recent: z.array(z.string()),
})

type DocumentRoute = 'listDocuments' | 'openDocument' | 'createDocument' | 'saveDocument' | 'deleteDocument'

export interface Documents {
  readonly handlers: Handlers<DocumentRoute>
  /** Adds a workflow file on disk to the documents. */
  add(path: string): Promise<string>
  /** Calls `listener` after each save with the document's id and its revision. */
  onSave(listener: (id: string, revision: string) => void): void
  /** @throws LoomError `not-found` */
  pathOf(id: string): string
  /** The folder that relative file names in a document start from. */
  folderOf(id: string): string | undefined
}

interface Places {
  readonly folder: string
  readonly dataFolder: string
  /** Locked while a document is saved, by all servers of this person. */
  readonly saveLock: string
  /** Copies the assets that a workflow names into its folder. */
  readonly supply: (workflow: Workflow, folder: string) => Promise<void>
}

interface OnDisk {
  readonly bytes: Buffer
  readonly revision: string
  readonly modified: number
}

/**
 * The saved workflows: those in the documents folder and those added from elsewhere. A save is atomic, keeps the
 * version before as a backup, and never covers a change that its author has not seen.
 */
export async function openDocuments({ folder, dataFolder, saveLock, supply }: Places): Promise<Documents> {
  await makeFolder(folder)
  const registryFile = join(dataFolder, 'documents.json')
  const registry = await readJsonFile(registryFile, registrySchema)
  const paths = new Map(registry?.documents.map(({ id, path }) => [id, path]))
  let recent: readonly string[] = registry?.recent ?? []
  const folders = new Set(Array.from(paths.values(), dirname))
  await Promise.all(Array.from(folders, (each) => removeLeftovers(each, 0)))
  const takeTurn = inTurn()
  let tell: (id: string, revision: string) => void = () => {}

  /** Failing to store the list of opened documents must not fail a save. */
  async function remember(): Promise<void> {
    const documents = Array.from(paths, ([id, path]) => ({ id, path }))
    await takeTurn(registryFile, () => writeFileAtomic(registryFile, JSON.stringify({ documents, recent }))).catch(
      () => {},
    )
  }

  async function use(id: string): Promise<void> {
    if (recent[0] === id) return
    recent = [id, ...recent.filter((each) => each !== id)].slice(0, maxRecent)
    await remember()
  }

  async function register(path: string): Promise<string> {
    const real = await realpath(path)
    const id = idOf(real)
    paths.set(id, real)
    return id
  }

  function pathOf(id: string): string {
    const path = paths.get(id)
    if (path === undefined) throw unknownId('document')
    return path
  }

  async function backUp(id: string, path: string, bytes: Uint8Array): Promise<void> {
    const at = join(dataFolder, 'backups', id)
    await writeNumberedFile(at, nameOf(path), 'loom.json', bytes)
    const kept = (await readdir(at)).sort(byNumber)
    for (const name of kept.slice(0, -backups)) await rm(join(at, name), { force: true })
  }

  async function replace(path: string, saved: string, revision: string | null): Promise<DocumentContent> {
    const { workflow, text } = readDocument(saved)
    const id = idOf(path)
    const save = async () => {
      const current = await readIfThere(path)
      if (revision !== null && current?.revision !== revision) throw changedOutside(path, current === undefined)
      const bytes = Buffer.from(text)
      await supply(workflow, dirname(path))
      if (!current?.bytes.equals(bytes)) {
        if (current) await backUp(id, path, current.bytes)
        await writeFileAtomic(path, bytes)
      }
      paths.set(id, path)
      await use(id)
      const content = contentOf(id, path, await read(path))
      tell(id, content.revision)
      return content
    }
    // servers with other data may have the same file open
    return takeTurn(id, () => withLock(saveLock, save))
  }

  async function create(name: string, saved: string, overwrite: boolean): Promise<DocumentContent> {
    const { workflow, text } = readDocument(saved)
    const wanted = sanitizeFileName(stemOf(name)) + extension
    await makeFolder(folder)
    // names that differ only in case are one file on most drives
    const taken = (await readdir(folder)).find((each) => folded(each) === folded(wanted))
    if (taken !== undefined) {
      const path = join(folder, taken)
      if (overwrite && (await lstat(path)).isFile()) return replace(await realpath(path), text, null)
      throw new LoomError('conflict', `There is a document "${stemOf(taken)}" already.`, {
        hint: overwrite ? 'It is no plain file; choose another name.' : 'Choose another name, or replace it.',
      })
    }
    const path = join(folder, wanted)
    await supply(workflow, folder)
    await createFileAtomic(path, text)
    const id = await register(path)
    await use(id)
    return contentOf(id, pathOf(id), await read(path))
  }

  async function discover(): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      if (!entry.isFile() || !entry.name.endsWith(extension) || entry.name.startsWith('.')) continue
      await register(join(folder, entry.name)).catch(() => {})
    }
  }

  async function list(): Promise<DocumentInfo[]> {
    await discover()
    const infos = await Promise.all(
      Array.from(paths, async ([id, path]) => {
        const stats = await stat(path).catch(() => undefined)
        return stats?.isFile() ? [infoOf(id, path, stats.mtimeMs)] : []
      }),
    )
    return infos.flat().sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  await discover()

  return {
    pathOf,
    folderOf(id) {
      const path = paths.get(id)
      return path === undefined ? undefined : dirname(path)
    },
    onSave(listener) {
      tell = listener
    },
    async add(path) {
      if (!/\.json$/i.test(path)) {
        throw new LoomError('unsupported', `${path} cannot be edited in place: it is not named *${extension}.`, {
          hint: `Save the workflow as a file of its own, named *${extension}.`,
        })
      }
      try {
        const { path: real } = await withRegularFile(path, async (file) => file)
        const id = await register(real)
        await use(id)
        return id
      } catch (error) {
        throw osError(error, 'read', path)
      }
    },
    handlers: {
      async listDocuments() {
        const documents = await list()
        const there = new Set(documents.map(({ id }) => id))
        return { documents, recent: recent.filter((id) => there.has(id)) }
      },
      async openDocument({ id }) {
        const path = pathOf(id)
        const content = contentOf(id, path, await read(path))
        readDocument(content.text)
        await use(id)
        return content
      },
      createDocument: ({ body: { name, text, replace: overwrite } }) =>
        takeTurn(folder, () => create(name, text, overwrite)),
      saveDocument: async ({ id, body: { text, revision } }) => replace(pathOf(id), text, revision),
      deleteDocument: ({ id }) =>
        takeTurn(id, async () => {
          const path = pathOf(id)
          const current = await readIfThere(path)
          if (current) {
            await backUp(id, path, current.bytes)
            await unlink(path).catch((error: unknown) => {
              throw osError(error, 'delete', path)
            })
          }
          paths.delete(id)
          recent = recent.filter((each) => each !== id)
          await remember()
          return {}
        }),
    },
  }
}

/** @throws LoomError `not-found`, `io`, `limit` */
function read(path: string): Promise<OnDisk> {
  return withRegularFile(path, async (file) => {
    const { stats } = file
    if (stats.size > maxDocumentBytes) {
      throw new LoomError('limit', `${path} has ${stats.size} bytes; a workflow has ${maxDocumentBytes} at most.`)
    }
    const bytes = await readWhole(file)
    return {
      bytes,
      revision: createHash('sha256').update(bytes).digest('hex'),
      modified: Number(stats.mtimeNs / 1_000_000n),
    }
  })
}

async function readIfThere(path: string): Promise<OnDisk | undefined> {
  try {
    return await read(path)
  } catch (error) {
    if (error instanceof LoomError && error.code === 'not-found') return undefined
    throw error
  }
}

function changedOutside(path: string, gone: boolean): LoomError {
  return new LoomError('conflict', `${path} was ${gone ? 'deleted' : 'changed'} since it was opened here.`, {
    hint: 'Save it under another name, open it again, or overwrite it.',
  })
}

const infoOf = (id: string, path: string, modified: number): DocumentInfo => ({
  id,
  name: nameOf(path),
  place: basename(dirname(path)),
  modified,
})

const contentOf = (id: string, path: string, { bytes, revision, modified }: OnDisk): DocumentContent => ({
  ...infoOf(id, path, modified),
  text: bytes.toString(),
  revision,
})

const stemOf = (name: string): string => name.replace(/(\.loom)?\.json$/i, '')
const nameOf = (path: string): string => stemOf(basename(path))
const folded = (name: string): string => name.normalize('NFC').toLowerCase()

/** Sorts backups by the number that `writeNumberedFile` gave them, whatever the document was called then. */
function byNumber(a: string, b: string): number {
  return numberOf(a) - numberOf(b)
}
const numberOf = (name: string): number => Number(/-(\d+)\.loom\.json$/.exec(name)?.[1] ?? 0)
