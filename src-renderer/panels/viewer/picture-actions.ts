import type { Picture } from '#core/protocol/jobs.ts'
import { byteRoutes } from '#core/protocol/routes.ts'
import { send } from '../../api/client.ts'
import { uploadPicture } from '../../api/upload.ts'
import { addFreely } from '../../canvas/view/place.ts'
import { deletePicture, restorePicture } from '../../store/pictures.ts'
import { activeTab } from '../../store/workspace.ts'
import { t } from '../../strings/t.ts'
import { notify } from '../../ui/notices.ts'
import { openWorkflow } from '../../workspace/tabs.ts'

/**
 * Opens the workflow of a picture in a new tab.
 * @throws LoomError if it has none
 */
export async function openWorkflowOf({ id, name }: Picture): Promise<void> {
  const response = await send(byteRoutes.picture(id))
  openWorkflow(await response.bytes(), name.replace(/\.png$/i, ''))
}

/** Adds a picture to the open document as a Load Image node. */
export async function takeAsInput({ id }: Picture): Promise<void> {
  const tab = activeTab()
  if (!tab) return
  const asset = await uploadPicture(await (await send(byteRoutes.picture(id))).blob())
  addFreely(tab, { type: 'load-image', inputs: { file: asset.name } })
}

/** Moves a picture into the bin, and offers to bring it back. */
export async function throwAway({ id, name }: Picture): Promise<void> {
  await deletePicture(id)
  notify({
    kind: 'info',
    message: t('pictures.bin.deleted', { name }),
    hint: t('pictures.bin.hint'),
    actions: [{ label: t('pictures.bin.undo'), perform: () => restorePicture(id) }],
  })
}
