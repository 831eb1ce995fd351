import { join, resolve } from 'node:path'
import { splitList } from './environment.ts'
import { dataFolder, resourcesFolder } from './paths.ts'

export interface ModelFolderSources {
  /** Folders named for this call; they come first. */
  readonly named?: readonly string[]
  /** Folder of the workflow document. */
  readonly document?: string
  readonly environment?: NodeJS.ProcessEnv
}

/**
 * Folders that model files are looked for in, the first that has a file wins: those named, LATENT_LOOM_MODELS (a path
 * list), the document's, the person's own, those that come with the program. Absolute, each once; they need not exist.
 */
export function modelFolders({ named = [], document, environment = process.env }: ModelFolderSources): string[] {
  const folders = [
    ...named,
    ...splitList(environment.LATENT_LOOM_MODELS),
    ...(document === undefined ? [] : [document]),
    join(dataFolder, 'models'),
    join(resourcesFolder, 'models'),
  ]
  return [...new Set(folders.map((folder) => resolve(folder)))]
}
