import { factKey } from '#core/types/facts.ts'
import type { NamedFile } from '#core/workflow/files.ts'
import { call } from '../api/client.ts'
import { library } from '../store/library.ts'
import { type Tab, workspace } from '../store/workspace.ts'

/** Keys of files with a pending request. */
const asked = new Set<string>()

/** Requests facts of files and stores them in the library. Without an answer they stay unknown. */
export async function askForFacts(tab: Tab, files: readonly NamedFile[]): Promise<void> {
  const open = files.filter(({ kind, name }) => !asked.has(factKey(kind, name)))
  if (open.length === 0) return
  const keys = open.map(({ kind, name }) => factKey(kind, name))
  for (const key of keys) asked.add(key)
  const file = workspace.getState().files.get(tab.id)
  try {
    const answer = await call('facts', { ...(file && { document: file.id }), files: [...open] })
    library.setState(({ facts }) => ({
      facts: new Map([
        ...facts,
        ...answer.files.map(({ kind, name, knowledge }) => [factKey(kind, name), knowledge] as const),
      ]),
    }))
  } catch {
    // the next change asks again, and the status bar shows that the server does not answer
  } finally {
    for (const key of keys) asked.delete(key)
  }
}
