import { type FileHandle, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sanitizePath } from '#core/formats/file-name.ts'
import { placeNew, withTemporary } from './atomic.ts'
import { makeSubfolder } from './make-folder.ts'
import { osCode, osError } from './os-error.ts'

/**
 * Writes `content` as the next file of a series, `PREFIX-00001.png`, and returns its path. Several processes may write
 * the same series at once: each gets its own numbers, and a name appears only with its whole content.
 * @param prefix any text. `/` begins a subfolder. Characters that a file name cannot contain are replaced, so the path never
 *   leaves `folder`, and neither does a subfolder that is a link.
 * @throws LoomError `io` or `not-found`; no file is left behind.
 */
export async function writeNumberedFile(
  folder: string,
  prefix: string,
  extension: string,
  content: Uint8Array | ((handle: FileHandle) => Promise<void>),
): Promise<string> {
  const names = sanitizePath(prefix).split('/')
  const stem = names.pop() ?? ''
  try {
    const at = await makeSubfolder(folder, names)
    const result = { path: '' }
    await withTemporary(
      at,
      (handle) => (content instanceof Uint8Array ? handle.writeFile(content) : content(handle)),
      async (temporary) => {
        result.path = await claim(at, stem, extension, (candidate) => placeNew(temporary, candidate))
      },
    )
    return result.path
  } catch (error) {
    throw osError(error, 'write into', join(folder, ...names))
  }
}

/** Tries one number after the other until `create` succeeds. It must throw EEXIST for a taken name. */
async function claim(
  folder: string,
  stem: string,
  extension: string,
  create: (path: string) => Promise<void>,
): Promise<string> {
  for (let number = await nextNumber(folder, stem); ; number += 1) {
    const path = join(folder, `${stem}-${String(number).padStart(5, '0')}.${extension}`)
    try {
      await create(path)
      return path
    } catch (error) {
      if (osCode(error) !== 'EEXIST') throw error
    }
  }
}

/** One above the highest number in use, with any extension. Gaps that deleted pictures left are not filled. */
async function nextNumber(folder: string, stem: string): Promise<number> {
  const start = `${stem}-`.toLowerCase()
  let highest = 0
  for (const name of await readdir(folder)) {
    if (!name.toLowerCase().startsWith(start)) continue
    const digits = /^(\d{5,15})\./.exec(name.slice(start.length))?.[1]
    if (digits !== undefined) highest = Math.max(highest, Number(digits))
  }
  return highest + 1
}
