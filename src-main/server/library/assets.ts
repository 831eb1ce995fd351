import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { fileFormatOf, isPicture, pictureTypes } from '#core/formats/file-format.ts'
import type { Asset } from '#core/protocol/routes.ts'
import { nothingKnown } from '#core/types/facts.ts'
import { analyse } from '#core/workflow/analyse.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { filesOf } from '#core/workflow/files.ts'
import { createFileAtomic } from '#engine/files/atomic.ts'
import { makeFolder } from '#engine/files/make-folder.ts'
import { readRegularFile } from '#engine/files/regular-file.ts'
import { pictureSize } from '#engine/images/decode.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { unknownId } from './ids.ts'

export const maxAssetBytes = 64 * 2 ** 20

const assetName = /^[0-9a-f]{64}\.(png|jpg|webp)$/

export interface Assets {
  /** Stores a picture. Equal bytes are stored once. */
  put(bytes: Uint8Array): Promise<Asset>
  /** Path and type of an asset, by its name. */
  find(name: string): { readonly path: string; readonly type: string }
}

/** Input pictures, named by the SHA-256 of their bytes. */
export async function openAssets(folder: string): Promise<Assets> {
  await makeFolder(folder)
  return {
    async put(bytes) {
      const format = fileFormatOf(bytes)
      if (!isPicture(format)) {
        throw new LoomError('unsupported', 'The file is no PNG, JPEG or WebP picture.', {
          hint: 'Save it as PNG, JPEG or WebP in an image editor.',
        })
      }
      const { width, height } = await pictureSize(bytes, 'The picture')
      const hash = await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes))
      const name = `${Buffer.from(hash).toString('hex')}.${format}`
      await makeFolder(folder)
      await createUnlessThere(join(folder, name), bytes)
      return { name, width, height }
    },
    find(name) {
      const format = assetName.exec(name)?.[1]
      if (!isPicture(format)) throw unknownId('picture')
      return { path: join(folder, name), type: pictureTypes[format] }
    },
  }
}

/**
 * Copies the pictures that a workflow names from `from` to the workflow's folder, so that it runs wherever it is moved.
 * Files that are already there stay as they are.
 */
export async function supplyPictures(workflow: Workflow, folder: string, from: readonly string[]): Promise<void> {
  for (const name of plainPictureNames(workflow)) {
    if (await isFile(join(folder, name))) continue
    for (const source of from) {
      const path = join(source, name)
      if (!(await isFile(path))) continue
      await createUnlessThere(join(folder, name), await readRegularFile(path))
      break
    }
  }
}

/** Asset names in a workflow, without a folder. A workflow that cannot be parsed names none and is saved all the same. */
function plainPictureNames(workflow: Workflow): string[] {
  try {
    return filesOf(analyse(workflow, catalogue, nothingKnown))
      .filter(
        ({ name, kind }) => kind === 'image' && name !== '' && basename(name) === name && !/[\\\0]|^\.+$/.test(name),
      )
      .map(({ name }) => name)
  } catch (error) {
    if (error instanceof LoomError) return []
    throw error
  }
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  )

async function createUnlessThere(path: string, bytes: Uint8Array): Promise<void> {
  if (await isFile(path)) return
  try {
    await createFileAtomic(path, bytes)
  } catch (error) {
    if (!(error instanceof LoomError && error.code === 'conflict')) throw error
  }
}
