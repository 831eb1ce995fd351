import { LoomError } from '#core/errors.ts'
import type { ModelFile } from '#core/protocol/routes.ts'
import { call } from '../../api/client.ts'
import { type FileNode, nodeForFile } from '../../commands/node-for-file.ts'
import { library } from '../../store/library.ts'
import { t } from '../../strings/t.ts'
import type { DroppedFile } from './read-file.ts'

type DroppedModel = Extract<DroppedFile, { readonly kind: 'model' }>

/**
 * The node that opens the server's file that a dropped one is: of a file on the person's disk the page learns its name and size alone.
 * @throws LoomError `not-found` with the folders that it can be put into, `unsupported` if no node opens it
 */
export async function locateModel(dropped: DroppedModel): Promise<FileNode> {
  const found = findModel(library.getState().models, dropped)
  return usable(found ?? (await lookAgain(dropped)))
}

/** The file that is most likely the same: its name without folders and its size agree, the shortest way first. */
export function findModel(models: readonly ModelFile[], { name, bytes }: DroppedModel): ModelFile | undefined {
  return namesakes(models, name)
    .filter((model) => model.bytes === bytes)
    .sort((a, b) => a.name.length - b.name.length)[0]
}

const namesakes = (models: readonly ModelFile[], name: string): ModelFile[] =>
  models.filter((model) => model.name.slice(model.name.lastIndexOf('/') + 1).toLowerCase() === name.toLowerCase())

/** The file may have been put into a folder a moment ago. */
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
    hint: t('canvas.drop.missingHint', { folders: folders.map(({ place }) => place).join(' / ') }),
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
