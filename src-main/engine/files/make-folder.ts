import { mkdir, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { osCode } from './os-error.ts'

/**
 * Makes a folder and the missing ones above it. Node's `recursive` would try for ever where the system answers "not
 * found" although the parent is there, as in /proc. Throws the operating system's errors.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return
  const parent = dirname(path)
  if (parent !== path) await makeFolder(parent)
  try {
    await mkdir(path)
  } catch (error) {
    // another process may have made it meanwhile
    if (osCode(error) !== 'EEXIST' || !(await isFolder(path))) throw error
  }
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

async function refuseOutside(path: string, folder: string): Promise<void> {
  const way = relative(await realpath(folder), await realpath(path))
  if (!isAbsolute(way) && way.split(sep)[0] !== '..') return
  throw new LoomError('io', `Cannot write into ${path}: it is a link that leads out of ${folder}.`, {
    hint: 'Name another subfolder, or choose that folder as the output folder.',
  })
}
