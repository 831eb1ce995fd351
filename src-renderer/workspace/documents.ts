import { call } from '../api/client.ts'
import type { Tab } from '../store/workspace.ts'
import { activate, openWorkflow, tabOfFile } from './tabs.ts'

/**
 * Opens a document of the server.
 * @throws LoomError as `call`, or `parse`
 */
export async function openDocument(id: string): Promise<Tab> {
  const open = tabOfFile(id)
  if (open) {
    activate(open.id)
    return open
  }
  const { text, revision, name } = await call('openDocument', {}, { id })
  return openWorkflow(text, name, { id, revision, name })
}

const ending = '.loom.json'

/**
 * Opens a file from disk. Saving asks for a name, because a page cannot write to the original file.
 * @throws LoomError as `openWorkflow`
 */
export async function openFromDisk(file: File): Promise<Tab> {
  const name = file.name.endsWith(ending) ? file.name.slice(0, -ending.length) : file.name.replace(/\.json$/, '')
  return openWorkflow(await file.text(), name)
}
