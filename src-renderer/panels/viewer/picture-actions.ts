import { LoomError } from '#core/errors.ts'
import { documentKeyword, readPngTexts } from '#core/formats/png.ts'
import type { Picture } from '#core/protocol/jobs.ts'
import { byteRoutes } from '#core/protocol/routes.ts'
import { send } from '../../api/client.ts'
import { uploadPicture } from '../../api/upload.ts'
import { addFreely } from '../../canvas/view/place.ts'
import { activeTab } from '../../store/workspace.ts'
import { inflateCapped } from '../../workspace/inflate.ts'
import { openWorkflowText } from '../../workspace/tabs.ts'

/**
 * Opens the workflow that a picture carries in a tab of its own.
 * @throws LoomError if it carries none
 */
export async function openWorkflowOf({ id, name }: Picture): Promise<void> {
  const response = await send(byteRoutes.picture(id))
  const text = readPngTexts(await response.bytes(), inflateCapped).get(documentKeyword)
  if (text === undefined) throw new LoomError('not-found', `${name} carries no workflow.`)
  openWorkflowText(text, name.replace(/\.png$/i, ''))
}

/** Puts a picture into the open document as a Load Image node. */
export async function takeAsInput({ id }: Picture): Promise<void> {
  const tab = activeTab()
  if (!tab) return
  const asset = await uploadPicture(await (await send(byteRoutes.picture(id))).blob())
  addFreely(tab, { type: 'load-image', inputs: { file: asset.name } })
}
