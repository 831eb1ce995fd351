import { join, resolve } from 'node:path'
import envPaths from 'env-paths'

const folders = envPaths('latent-loom', { suffix: '' })

/** User data that outlives the program: models, fetched libraries. */
export const dataFolder = folders.data

/** Caches, which can be deleted at any time. */
export const cacheFolder = folders.cache

/** Folder that `setup cuda` fetches into. CUDA and cuDNN libraries that somebody lays there are found, too. */
export const cudaFolder = join(dataFolder, 'cuda')

/** Folder for prepared weights: what LATENT_LOOM_PREPARED names, else one of the caches; undefined if that is `off`. */
export function preparedFolder({ LATENT_LOOM_PREPARED: named }: NodeJS.ProcessEnv = process.env): string | undefined {
  if (named === 'off') return undefined
  return named === undefined || named === '' ? join(cacheFolder, 'prepared') : resolve(named)
}
