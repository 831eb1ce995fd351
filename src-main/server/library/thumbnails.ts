import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import sharp from 'sharp'
import { writeFileAtomic } from '#engine/files/atomic.ts'
import { makeFolder } from '#engine/files/make-folder.ts'
import { osError } from '#engine/files/os-error.ts'
import { readRegularFile } from '#engine/files/regular-file.ts'
import { pictureSize } from '#engine/images/decode.ts'
import { idOf } from './ids.ts'

/** Pixels of the longer side. */
const side = 256
const maxBytes = 256 * 2 ** 20

export interface Thumbnails {
  /**
   * The picture as a small WebP.
   * @throws LoomError `not-found`, `io`; `parse`, `unsupported` or `limit` if it is not a picture
   */
  of(path: string): Promise<Uint8Array>
  forget(path: string): Promise<void>
}

/** Thumbnails, made on first request and cached under the signature of their file. */
export async function openThumbnails(folder: string): Promise<Thumbnails> {
  await makeFolder(folder)
  const run = pLimit(2)
  const making = new Map<string, Promise<Uint8Array>>()

  async function make(path: string, file: string): Promise<Uint8Array> {
    const bytes = await readRegularFile(path, maxBytes)
    await pictureSize(bytes, path)
    const small = await sharp(bytes, { limitInputPixels: false, failOn: 'none', sequentialRead: true })
      .autoOrient()
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 82 })
      .toBuffer()
    // on a full drive the thumbnail is made again next time
    await makeFolder(folder)
      .then(() => writeFileAtomic(file, small))
      .catch(() => {})
    return small
  }

  return {
    async of(path) {
      const file = await fileOf(folder, path)
      const kept = await readRegularFile(file).catch(() => undefined)
      if (kept) return kept
      const result = making.get(file) ?? run(() => make(path, file)).finally(() => making.delete(file))
      making.set(file, result)
      return result
    },
    async forget(path) {
      const file = await fileOf(folder, path).catch(() => undefined)
      if (file !== undefined) await rm(file, { force: true }).catch(() => {})
    },
  }
}

async function fileOf(folder: string, path: string): Promise<string> {
  try {
    const { size, mtimeNs } = await stat(path, { bigint: true })
    return join(folder, `${idOf(`${path} ${size} ${mtimeNs}`)}.webp`)
  } catch (error) {
    throw osError(error, 'read', path)
  }
}
