import { call } from '../api/client.ts'
import type { Tab } from '../store/workspace.ts'
import { activate, openWorkflowText, tabOfFile } from './tabs.ts'

/**
 * Opens a document that the server keeps.
 * @throws LoomError as `call`, or `parse`
 */
export async function openDocument(id: string): Promise<Tab> {
  const open = tabOfFile(id)
  if (open) {
    activate(open.id)
    return open
  }
  const { text, revision, name } = await call('openDocument', {}, { id })
  return openWorkflowText(text, name, { id, revision, name })
}
