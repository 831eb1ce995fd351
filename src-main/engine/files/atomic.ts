import { randomBytes } from 'node:crypto'
import { type FileHandle, link, open, realpath, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LoomError } from '#core/errors.ts'
import { osCode, osError } from './os-error.ts'

/** Error codes on Windows while a virus scanner or an indexer has the file open, mostly for milliseconds. */
const transient = new Set(['EPERM', 'EACCES', 'EBUSY'])
/** In milliseconds, 10 s in total. */
const retryDelays = [10, 20, 50, 100, 200, 500, 1000, 2000, 3000, 3120]

/** Error codes of network drives and containers that cannot sync a folder. */
const cannotSync = new Set(['EINVAL', 'ENOTSUP'])

/**
 * Writes a file so that at every moment, also after a crash or a power failure, `path` holds the old content or the new
 * one. Follows symbolic links, and keeps the permissions of an existing file.
 * @throws LoomError `io` or `not-found`; only the old or the new content is left behind.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | string, rights: Rights = {}): Promise<void> {
  await replaceFile(path, (handle) => handle.writeFile(bytes), rights)
}

/** Who may use a file that is new; absent: as many as its folder, so that what lies in a private folder is private. */
interface Rights {
  /** As `chmod` takes it. */
  readonly mode?: number
}

/** {@link writeFileAtomic} for a file that `write` fills piece by piece. */
export async function replaceFile(
  path: string,
  write: (handle: FileHandle) => Promise<void>,
  rights: Rights = {},
): Promise<void> {
  try {
    const target = (await unlessMissing(realpath(path))) ?? path
    const before = await unlessMissing(stat(target))
    const mode = rights.mode ?? (before && before.mode & 0o7777)
    await withTemporary(
      dirname(target),
      async (handle) => {
        if (mode !== undefined) await handle.chmod(mode)
        await write(handle)
      },
      (temporary) => renameOver(temporary, target),
    )
  } catch (error) {
    throw osError(error, 'write', path)
  }
}

async function unlessMissing<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look
  } catch (error) {
    if (osCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * {@link writeFileAtomic} for a name that must be free.
 * @throws LoomError `conflict` if a file has the name, `io` or `not-found`
 */
export async function createFileAtomic(path: string, bytes: Uint8Array | string, { mode }: Rights = {}): Promise<void> {
  try {
    await withTemporary(
      dirname(path),
      async (handle) => {
        if (mode !== undefined) await handle.chmod(mode)
        await handle.writeFile(bytes)
      },
      (temporary) => placeNew(temporary, path),
    )
  } catch (error) {
    if (osCode(error) !== 'EEXIST') throw osError(error, 'write', path)
    throw new LoomError('conflict', `${path} is there already.`, { hint: 'Choose another name.', cause: error })
  }
}

/**
 * Gives a file of the same folder the name `path`, which appears only with its whole content. Throws the operating
 * system's errors: EEXIST if the name is taken.
 */
export async function placeNew(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path)
  } catch (error) {
    if (osCode(error) === 'EEXIST') throw error
    // without hard links (FAT, some network drives) an empty file reserves the name first
    await (await open(path, 'wx')).close()
    try {
      await rename(temporary, path)
    } catch (failure) {
      await unlink(path)
      throw failure
    }
    return
  }
  await unlink(temporary)
}

/** The name of a temporary file, with the process that writes it. */
export const temporaryFile = /^\.latent-loom-(?:(\d+)-)?\w+\.tmp$/

/**
 * Fills a new file in `folder`, syncs it to the drive and lets `place` name it. Removes it if anything fails. Throws
 * the operating system's errors.
 */
export async function withTemporary(
  folder: string,
  fill: (handle: FileHandle) => Promise<void>,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = join(folder, `.latent-loom-${process.pid}-${randomBytes(8).toString('hex')}.tmp`)
  const rights = await stat(folder).then(
    ({ mode }) => mode & 0o666,
    () => 0o666,
  )
  const handle = await open(temporary, 'wx', rights)
  try {
    try {
      await fill(handle)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await place(temporary)
  } catch (error) {
    await unlink(temporary).catch(() => undefined)
    throw error
  }
  await syncFolder(folder)
}

async function renameOver(from: string, to: string): Promise<void> {
  for (const delay of process.platform === 'win32' ? retryDelays : []) {
    try {
      return await rename(from, to)
    } catch (error) {
      if (!transient.has(osCode(error))) throw error
      await sleep(delay)
    }
  }
  await rename(from, to)
}

/** Makes the new name durable. Does nothing on Windows, which cannot open folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    if (!cannotSync.has(osCode(error))) throw error
  } finally {
    await handle.close()
  }
}
