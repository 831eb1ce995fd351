import { call } from '../api/client.ts'
import type { Tab } from '../store/workspace.ts'
import { activate, openWorkflow, tabOfFile } from './tabs.ts'

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
  return openWorkflow(text, name, { id, revision, name })
}

const ending = '.loom.json'

/**
 * Opens a file of the person's disk; saving it asks for a name, as a page cannot write to where it came from.
 * @throws LoomError as `openWorkflow`
 */
export async function openFromDisk(file: File): Promise<Tab> {
  const name = file.name.endsWith(ending) ? file.name.slice(0, -ending.length) : file.name.replace(/\.json$/, '')
  return openWorkflow(await file.text(), name)
}
