import { basename, dirname, extname } from 'node:path'
import { readScheduler, readText } from './folder.ts'
import { saidByConfig, saidByScheduler } from './said.ts'
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
  const scheduler = basename(folder) === 'unet' ? await readScheduler(dirname(folder)) : undefined
  return [
    ...(config === undefined ? [] : [saidByConfig(config)]),
    ...(scheduler === undefined ? [] : [saidByScheduler(scheduler)]),
  ]
}
