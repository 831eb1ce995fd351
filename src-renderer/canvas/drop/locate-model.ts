import { LoomError } from '#core/errors.ts'
import type { ModelFile } from '#core/protocol/routes.ts'
import { call } from '../../api/client.ts'
import { type FileNode, nodeForFile } from '../../commands/node-for-file.ts'
import { library } from '../../store/library.ts'
import { t } from '../../strings/t.ts'
import type { DroppedFile } from './read-file.ts'

type DroppedModel = Extract<DroppedFile, { readonly kind: 'model' }>

/**
 * The node for the server's copy of a dropped model. The page knows only the name and size of a dropped file, not its
 * path.
 * @throws LoomError `not-found` with the folders to put it into, `unsupported` if no node opens it
 */
export async function locateModel(dropped: DroppedModel): Promise<FileNode> {
  const found = findModel(library.getState().models, dropped)
  return usable(found ?? (await lookAgain(dropped)))
}

/** The file with the same size and the same name without folders. The shortest path wins. */
export function findModel(models: readonly ModelFile[], { name, bytes }: DroppedModel): ModelFile | undefined {
  return namesakes(models, name)
    .filter((model) => model.bytes === bytes)
    .sort((a, b) => a.name.length - b.name.length)[0]
}

const namesakes = (models: readonly ModelFile[], name: string): ModelFile[] =>
  models.filter((model) => model.name.slice(model.name.lastIndexOf('/') + 1).toLowerCase() === name.toLowerCase())

/** Rescans the model folders, because the file may be new. */
async function lookAgain(dropped: DroppedModel): Promise<ModelFile> {
  await call('refreshModels', {})
  const { files, folders } = await call('listModels', {})
  library.setState({ models: files })
  const found = findModel(files, dropped)
  if (found) return found
  const { name } = dropped
  const [other] = namesakes(files, name)
  if (other) {
    throw new LoomError('mismatch', t('canvas.drop.otherSize', { name }), {
      hint: t('canvas.drop.otherSizeHint', { place: `${other.folder}/${other.name}` }),
    })
  }
  throw new LoomError('not-found', t('canvas.drop.missing', { name, what: dropped.is }), {
    hint: t('canvas.drop.missingHint', { folders: folders.map(({ name }) => name).join(' / ') }),
  })
}

function usable(model: ModelFile): FileNode {
  const { name, error, summary } = model
  const node = nodeForFile(model)
  if (node && error === undefined) return node
  throw new LoomError('unsupported', t('canvas.drop.unusable', { name, reason: error ?? summary }), {
    hint: t('canvas.drop.unusableHint'),
  })
}
