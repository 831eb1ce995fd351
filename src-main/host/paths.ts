import { join } from 'node:path'
import envPaths from 'env-paths'

/** What belongs to the person and outlives the program: models, fetched libraries. */
export const dataFolder = envPaths('latent-loom', { suffix: '' }).data

/** Where CUDA's and cuDNN's libraries may be put when the system has none. */
export const cudaFolder = join(dataFolder, 'cuda')
