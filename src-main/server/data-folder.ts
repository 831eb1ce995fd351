import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { routes } from '#core/protocol/routes.ts'
import { writeFileAtomic } from '#engine/files/atomic.ts'
import { removeLeftovers } from '#engine/files/leftovers.ts'
import { makeFilePrivate, makeFolder, makePrivate } from '#engine/files/make-folder.ts'
import { osError } from '#engine/files/os-error.ts'
import { readRegularText } from '#engine/files/regular-file.ts'
import { type FileLock, tryLock } from '../engine/files/file-lock.ts'

/** Folders inside the data folder. */
export const ownFolders = ['assets', 'backups', 'cache', 'drafts', 'models', 'pictures', 'workflows'] as const
const lockName = 'server.lock'
const ownerName = 'server.json'
/** What else the program keeps there. A folder with anything else in it is not the program's alone. */
const ownFiles = [lockName, `${lockName}-journal`, ownerName, 'token', 'documents.json', 'cuda']
const ownEntry = new RegExp(
  `^(?:\\.latent-loom-.*|documents\\.json\\..*|${[...ownFolders, ...ownFiles].join('|').replaceAll('.', '\\.')})$`,
)

/** Whether a folder with these entries is a data folder and nothing else. */
export const isDataFolder = (entries: readonly string[]): boolean => entries.every((name) => ownEntry.test(name))

/** Milliseconds that a server may take from its first line to its address. */
const startTime = 5_000

/** Milliseconds that a server may take to end, and between two looks whether it has. */
const endTime = 10_000
const pause = 50

const ownerSchema = z.object({
  pid: z.number().int(),
  /** When its process started, in ISO 8601. */
  started: z.string(),
  /** Absent while it starts. */
  origin: z.string().optional(),
  /** It is the desktop window's, and ends with it. */
  inWindow: z.boolean().default(false),
})
type Owner = z.infer<typeof ownerSchema>

/** A data folder that belongs to this server alone. */
export interface DataFolder {
  /** Where the last server of the folder listened: browsers keep settings by address. */
  readonly lastPort: number | undefined
  /** Tells other servers where this one is found. */
  announce(origin: string): Promise<void>
  release(): void
}

/** Another server owns the data folder. */
export class DataFolderInUse extends LoomError {
  /** An address of the other server to start a browser with, good once; absent if it did not say where it is found. */
  readonly entry: (() => Promise<string>) | undefined

  constructor(folder: string, owner: Owner | undefined) {
    const who = owner === undefined ? '' : ` (process ${owner.pid}, started ${owner.started})`
    super('conflict', `The data folder ${folder} is in use by another Latent Loom${who}.`, {
      hint:
        owner?.origin === undefined
          ? 'Use that one, end it, or name another folder with --data.'
          : `Open that one, at ${owner.origin}, end it, or name another folder with --data.`,
    })
    this.entry = owner?.origin === undefined ? undefined : () => entryOf(folder, owner.origin ?? '')
  }
}

export interface Taking {
  /** Milliseconds to wait for another server to say where it is found. */
  readonly patience?: number
  /** Whether it is for the desktop window. There is one window: the server of another is about to end, and is waited for. */
  readonly inWindow?: boolean
}

/**
 * Makes a data folder, readable for its owner alone, takes it for this process, and removes what a killed server left in it.
 *
 * Process and start time beside it tell the others who has it.
 * @throws DataFolderInUse; LoomError `io` with the system's reason
 */
export async function takeDataFolder(
  folder: string,
  { patience = startTime, inWindow = false }: Taking = {},
): Promise<DataFolder> {
  await guarded(folder, () => makeOwn(folder))
  const lock = lockOf(folder) ?? (await lockOfOther(folder, patience, inWindow))
  const last = await readOwner(folder)
  const owner = { pid: process.pid, started: new Date(performance.timeOrigin).toISOString(), inWindow }
  const tell = (told: Owner) =>
    guarded(folder, () => writeFileAtomic(join(folder, ownerName), JSON.stringify(told), { mode: 0o600 }))
  try {
    await guarded(folder, () => makeFilePrivate(join(folder, lockName)))
    await tell(owner)
    await removeLeftovers(folder)
  } catch (error) {
    lock.release()
    throw error
  }
  return {
    lastPort: portOf(last),
    announce: (origin) => tell({ ...owner, origin }),
    release: () => lock.release(),
  }
}

/** Asks the server at `origin` for a ticket, with the token that only the owner of the folder can read. */
async function entryOf(folder: string, origin: string): Promise<string> {
  const token = await readRegularText(join(folder, 'token'))
  const { method, path, result } = routes.makeTicket
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(origin + path, { method, headers, body: '{}' })
  return result.parse(await answer.json()).url
}

async function makeOwn(folder: string): Promise<void> {
  const before = await stat(folder).catch(() => undefined)
  if (!before) await makeFolder(folder, 0o700)
  const entries = await readdir(folder)
  // a folder of other things keeps its rights
  if (isDataFolder(entries)) await makePrivate(folder)
  for (const name of ownFolders) await makePrivate(join(folder, name))
}

function lockOf(folder: string): FileLock | undefined {
  const path = join(folder, lockName)
  try {
    return tryLock(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new LoomError('io', `Cannot lock the data folder ${folder}: ${reason}.`, {
      hint: `Check the rights of ${path} and the drive, or name another folder with --data.`,
      cause: error,
    })
  }
}

/**
 * The lock of another server, if it ends in time.
 * @throws DataFolderInUse
 */
async function lockOfOther(folder: string, patience: number, inWindow: boolean): Promise<FileLock> {
  const other = await ownerOf(folder, patience)
  const isEnding = inWindow && other?.inWindow
  for (let waited = 0; isEnding && waited < endTime; waited += pause) {
    const lock = lockOf(folder)
    if (lock) return lock
    await sleep(pause)
  }
  throw new DataFolderInUse(folder, other)
}

/** The server that holds the lock, once it has said where it is found. */
async function ownerOf(folder: string, patience: number): Promise<Owner | undefined> {
  for (let waited = 0; ; waited += pause) {
    const owner = await readOwner(folder)
    if (owner?.origin !== undefined || waited >= patience) return owner
    await sleep(pause)
  }
}

/** Who has or had a data folder, if it says so. */
export async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    return ownerSchema.parse(JSON.parse(await readRegularText(join(folder, ownerName))))
  } catch {
    return undefined
  }
}

function portOf(owner: Owner | undefined): number | undefined {
  return owner?.origin !== undefined && URL.canParse(owner.origin) ? Number(new URL(owner.origin).port) : undefined
}

/** Whatever is wrong with the program's own folder is a matter of the system, also what would elsewhere be "not found". */
async function guarded<T>(folder: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (error) {
    const { message, hint, cause } = osError(error, 'use the data folder', folder)
    throw new LoomError('io', message, { hint: hint ?? 'Name another folder with --data.', cause })
  }
}
