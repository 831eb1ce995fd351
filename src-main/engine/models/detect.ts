import { realpath, stat } from 'node:fs/promises'
import { osError } from '../files/os-error.ts'
import type { Checkpoint } from './checkpoint.ts'
import { openFolder } from './folder.ts'
import { openSingleFile } from './single-file.ts'

/**
 * Opens an SD1.x checkpoint, a single `.safetensors` file or a diffusers folder, from its headers alone. Networks that it
 * lacks are absent; who needs one says so.
 * @throws LoomError `not-found`, `io`, `parse`, `limit`; `unsupported` or `mismatch`, saying what the file is instead.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  return (await isFolder(path)) ? openFolder(await realpath(path)) : openSingleFile(path)
}

/** @throws LoomError `not-found`, `io` */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    throw osError(error, 'read', path)
  }
}
