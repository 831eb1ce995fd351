import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { type BrowserWindow, dialog } from 'electron'
import { confirms } from './ask.ts'
import { fileNameFor } from './documents.ts'

export const workflowFilter = { name: 'Latent Loom workflow', extensions: ['loom.json', 'json'] }

/**
 * Lets the person choose where to save a document.
 * @returns undefined if they chose nothing
 */
export async function choosePlace(window: BrowserWindow, name: string): Promise<string | undefined> {
  const { filePath } = await dialog.showSaveDialog(window, {
    defaultPath: fileNameFor(name),
    filters: [workflowFilter],
  })
  if (!filePath || filePath.endsWith('.json')) return filePath || undefined
  // some systems add no ending, and have asked for another file than this one
  const file = `${filePath}.loom.json`
  return !existsSync(file) || (await confirmsReplacing(window, file)) ? file : undefined
}

function confirmsReplacing(window: BrowserWindow, file: string): Promise<boolean> {
  return confirms(window, {
    type: 'question',
    message: `${basename(file)} exists already. Replace it?`,
    buttons: ['Replace', 'Cancel'],
    usual: 'no',
  })
}
