import { stat } from 'node:fs/promises'
import { openTensorFile } from '../files/tensor-file.ts'
import { readModelFiles } from './detect.ts'
import { identityOf } from './parts.ts'

/**
 * A string that changes when a file changes: real path, size, time and inode, and for safetensors a hash of the header.
 * @param path real path of a model file, a diffusers folder or a picture
 * @throws LoomError for an invalid folder
 */
export async function fileIdentity(path: string): Promise<string> {
  const stats = await stat(path, { bigint: true })
  if (stats.isDirectory()) return identityOf((await readModelFiles(path)).states)
  const header = await openTensorFile(path).catch(() => undefined)
  return JSON.stringify(header?.identity ?? [path, String(stats.size), String(stats.mtimeNs), String(stats.ino)])
}
