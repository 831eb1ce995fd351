import { chmod, lstat, mkdir, readlink, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { osCode } from './os-error.ts'

/**
 * Makes a folder and the missing ones above it, each as private as the one above. Node's `recursive` would try for ever
 * where the system answers "not found" although the parent is there, as in /proc. Throws the operating system's errors,
 * or a LoomError for a link that leads to no folder.
 * @param mode as `chmod` takes it
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  if (await isFolder(path)) return
  const parent = dirname(path)
  if (parent !== path) await makeFolder(parent)
  const above = await stat(parent).catch(() => undefined)
  try {
    await mkdir(path, mode ?? (above ? above.mode & 0o777 : 0o777))
  } catch (error) {
    if (osCode(error) !== 'EEXIST') throw error
    // another process may have made it meanwhile
    if (!(await isFolder(path))) throw await whatIsThere(path, error)
  }
}

/** The error for a name that is taken by something else than a folder. */
async function whatIsThere(path: string, error: unknown): Promise<unknown> {
  const target = await readlink(path).catch(() => undefined)
  if (target === undefined) return error
  return new LoomError('io', `Cannot write into ${path}: it is a link to ${target}, which is no folder.`, {
    hint: 'Make that folder, or remove the link.',
    cause: error,
  })
}

/** Makes a folder that only its owner may look into, or closes one to the others. A link stays as it is. Throws as `makeFolder`. */
export async function makePrivate(path: string): Promise<void> {
  await makeFolder(path, 0o700)
  if (process.platform === 'win32') return
  const { mode, uid } = await lstat(path).then((stats) => (stats.isDirectory() ? stats : { mode: 0, uid: -1 }))
  if (mode & 0o077 && uid === process.getuid?.()) await chmod(path, mode & 0o700)
}

/** Closes a file to all but its owner. Throws the operating system's errors. */
export async function makeFilePrivate(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const { mode } = await stat(path)
  if (mode & 0o077) await chmod(path, mode & 0o700)
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined)
  return stats?.isDirectory() ?? false
}

/**
 * Makes a folder and the folders `names` in it, one inside the other.
 * @param names file names, as `sanitizePath` gives them
 * @returns the path of the innermost
 * @throws LoomError `io` if a symbolic link leads out of `folder`, and the operating system's errors
 */
export async function makeSubfolder(folder: string, names: readonly string[]): Promise<string> {
  await makeFolder(folder)
  let path = folder
  for (const name of names) {
    path = join(path, name)
    await makeFolder(path)
    await refuseOutside(path, folder)
  }
  return path
}

/**
 * Looks whether `makeSubfolder` would meet a file, or a link that leads out. Makes nothing.
 * @throws LoomError as `makeSubfolder`, and the operating system's errors
 */
export async function checkSubfolder(folder: string, names: readonly string[]): Promise<void> {
  let path = folder
  for (const name of names) {
    path = join(path, name)
    const there = await lstat(path).catch(() => undefined)
    if (!there) return
    // it is there, so this makes nothing and throws
    if (!(await isFolder(path))) await makeFolder(path)
    await refuseOutside(path, folder)
  }
}

async function refuseOutside(path: string, folder: string): Promise<void> {
  const way = relative(await realpath(folder), await realpath(path))
  if (!isAbsolute(way) && way.split(sep)[0] !== '..') return
  throw new LoomError('io', `Cannot write into ${path}: it is a link that leads out of ${folder}.`, {
    hint: 'Name another subfolder, or choose that folder as the output folder.',
  })
}
