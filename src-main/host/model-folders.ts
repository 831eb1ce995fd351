import { join, resolve } from 'node:path'
import { resourcesFolder } from '../program.ts'
import { splitList } from './environment.ts'
import { dataFolder } from './paths.ts'

/**
 * Folders that are searched for model files after the document's own. The first one that has a file wins: those named, those of
 * LATENT_LOOM_MODELS (a path list), the person's, the program's. Absolute, each once; they need not exist.
 */
export function modelFolders(
  named: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
  data: string = dataFolder,
): string[] {
  const folders = [
    ...named,
    ...splitList(environment.LATENT_LOOM_MODELS),
    join(data, 'models'),
    join(resourcesFolder, 'models'),
  ]
  return [...new Set(folders.map((folder) => resolve(folder)))]
}
