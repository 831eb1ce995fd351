import type { JobRequest } from '#core/protocol/jobs.ts'
import { device } from '#core/protocol/messages.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { settings } from '../store/settings.ts'
import { type Tab, workspace } from '../store/workspace.ts'
import { titleOf } from '../workspace/title.ts'

/**
 * A job request for the document of a tab.
 * @param workflow by default the current one
 */
export function requestOf(tab: Tab, workflow = tab.document.getState().workflow): JobRequest {
  const file = workspace.getState().files.get(tab.id)
  return {
    document: tab.id,
    name: titleOf(tab),
    ...(file && { file: file.id }),
    workflow: printWorkflow(workflow),
    device: device.catch('auto').parse(settings.getState().device),
    precision: settings.getState().precision,
    previews: settings.getState().previews,
    decodedPreviews: settings.getState().decodedPreviews,
  }
}
