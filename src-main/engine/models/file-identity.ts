import { stat } from 'node:fs/promises'
import { openSafetensors } from '../files/safetensors-file.ts'
import { readModelFiles } from './detect.ts'
import { identityOf } from './parts.ts'

/**
 * A text that changes when a file does: real path, size, time and inode, and the hash of the header that a safetensors file has.
 * @param path real path of a model file, a diffusers folder or a picture
 * @throws LoomError of what a folder is refused for
 */
export async function fileIdentity(path: string): Promise<string> {
  const stats = await stat(path, { bigint: true })
  if (stats.isDirectory()) return identityOf((await readModelFiles(path)).states)
  const header = await openSafetensors(path).catch(() => undefined)
  return JSON.stringify(header?.identity ?? [path, String(stats.size), String(stats.mtimeNs), String(stats.ino)])
}
