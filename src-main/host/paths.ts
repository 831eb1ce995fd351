import { join } from 'node:path'
import envPaths from 'env-paths'

const folders = envPaths('latent-loom', { suffix: '' })

/** User data that outlives the program: models, fetched libraries. */
export const dataFolder = folders.data

/** Caches, which can be deleted at any time. */
export const cacheFolder = folders.cache

/** Folder for the CUDA and cuDNN libraries if the system has none. */
export const cudaFolder = join(dataFolder, 'cuda')
