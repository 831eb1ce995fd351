import { basename, dirname, extname } from 'node:path'
import { readText, saidByFolder } from './folder.ts'
import { saidByConfig } from './said.ts'
import type { Said } from './training.ts'

/**
 * What files beside a single file say about its UNet: the config of the original code, of the same name, and the
 * scheduler config of a diffusers folder whose `unet` holds it.
 * @param path as given, because real paths in a cache are hashes
 */
export async function saidBeside(path: string): Promise<Said[]> {
  const stem = path.slice(0, path.length - extname(path).length)
  const config = await readText(`${stem}.yaml`)
  const folder = dirname(path)
  const model = basename(folder) === 'unet' ? await saidByFolder(dirname(folder)) : []
  return [...(config === undefined ? [] : [saidByConfig(config)]), ...model]
}
