import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import envPaths from 'env-paths'

/** The folder that the program is installed in. */
export const programFolder = fileURLToPath(new URL('../../', import.meta.url))

/** What comes with the program. */
export const resourcesFolder = join(programFolder, 'resources')

/** What belongs to the person and outlives the program: models, fetched libraries. */
export const dataFolder = envPaths('latent-loom', { suffix: '' }).data

/** Where CUDA's and cuDNN's libraries may be put when the system has none. */
export const cudaFolder = join(dataFolder, 'cuda')
