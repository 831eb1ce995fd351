import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { withoutStack } from '#core/protocol/error-data.ts'
import { readFact } from '#engine/facts.ts'
import { removeLeftovers } from '#engine/files/leftovers.ts'
import { makeFolder } from '#engine/files/make-folder.ts'
import { osError } from '#engine/files/os-error.ts'
import { cacheFolder as sharedCache } from '../../host/paths.ts'
import { openAssets, supplyPictures } from './assets.ts'
import { registerBytes } from './bytes.ts'
import { describeModel } from './describe-model.ts'
import { openDocuments } from './documents.ts'
import { openDrafts } from './drafts.ts'
import { factsHandler } from './facts.ts'
import { openModels } from './models.ts'
import { openPictures } from './pictures.ts'
import { openTemplates, templatesFolder } from './templates.ts'
import { openThumbnails } from './thumbnails.ts'
import { tokens } from './tokens.ts'
import type { JobFolders, Library, LibraryOptions } from './types.ts'

/**
 * Opens everything that the server stores on disk and creates its folders.
 * @throws LoomError or the operating system's error if a folder cannot be made
 */
export async function createLibrary(options: LibraryOptions): Promise<Library> {
  const { dataFolder, modelFolders, engine, headers = { describe: describeModel, fact: readFact } } = options
  const cacheFolder = join(dataFolder, 'cache')
  const output = options.outputFolder ?? join(dataFolder, 'pictures')
  const assetsFolder = join(dataFolder, 'assets')
  const scratch = join(cacheFolder, 'scratch')
  const savedModels = join(dataFolder, 'models')
  /** Folders of input pictures that every workflow may use. */
  const kept = [assetsFolder, templatesFolder]
  for (const folder of [dataFolder, cacheFolder, savedModels]) await makeFolder(folder)
  // where it cannot be made, saves do without their lock
  await makeFolder(sharedCache).catch(() => {})
  // what a killed server left
  await removeLeftovers(output)
  await rm(scratch, { recursive: true, force: true })
  await makeFolder(scratch)

  const thumbnails = await openThumbnails(join(cacheFolder, 'thumbnails'))
  const [documents, drafts, assets, pictures, models, templates] = await Promise.all([
    openDocuments({
      folder: options.documentsFolder ?? join(dataFolder, 'workflows'),
      dataFolder,
      saveLock: join(sharedCache, 'saves.lock'),
      supply: (workflow, folder) => supplyPictures(workflow, folder, kept),
    }),
    openDrafts(join(dataFolder, 'drafts')),
    openAssets(assetsFolder),
    openPictures({
      folder: output,
      scratch,
      indexFile: join(cacheFolder, 'pictures.json'),
      thumbnails,
    }),
    openModels({
      roots: modelFolders,
      cacheFile: join(cacheFolder, 'models.json'),
      engine,
      describe: headers.describe,
    }),
    openTemplates(),
  ])

  function jobFolders(document?: string): JobFolders {
    const own = document === undefined ? undefined : documents.folderOf(document)
    return {
      output,
      models: savedModels,
      scratch: pictures.scratch,
      folders: [...(own === undefined ? [] : [own]), ...kept],
    }
  }

  return {
    handlers: {
      ...documents.handlers,
      ...drafts.handlers,
      ...pictures.handlers,
      ...models.handlers,
      ...templates.handlers,
      facts: factsHandler({
        foldersOf: (document) => jobFolders(document).folders,
        modelFolders,
        readFact: headers.fact,
      }),
      async validate({ body: { document, workflow } }) {
        const { folders } = jobFolders(document)
        const { problems } = await engine.validate({ document: workflow, folders, confined: true, overrides: [] })
        return { problems: problems.map(withoutStack) }
      },
      tokens,
    },
    registerBytes: (app) => registerBytes(app, { assets, pictures, models, templates, thumbnails }),
    jobFolders,
    addPicture: pictures.add,
    addDocument: documents.add,
    locate: (kind, id) => (kind === 'picture' ? pictures.withFile(id, there) : there(documents.pathOf(id))),
    onModels: models.onChange,
    onPicture: pictures.onChange,
    onDraft: drafts.onChange,
    onDocument: documents.onSave,
    async close() {
      await Promise.all([pictures.close(), models.close()])
    },
  }
}

/** @throws LoomError `not-found` if a file is gone */
async function there(path: string): Promise<string> {
  await stat(path).catch((error: unknown) => {
    throw osError(error, 'find', path)
  })
  return path
}
