import { join } from 'node:path'
import envPaths from 'env-paths'

const folders = envPaths('latent-loom', { suffix: '' })

/** What belongs to the person and outlives the program: models, fetched libraries. */
export const dataFolder = folders.data

/** What can be made again at any time. */
export const cacheFolder = folders.cache

/** Where CUDA's and cuDNN's libraries may be put when the system has none. */
export const cudaFolder = join(dataFolder, 'cuda')
