import { printWorkflow } from '#core/workflow/print.ts'
import type { Tab } from '../store/workspace.ts'
import { openWorkflowText } from './tabs.ts'
import { titleOf } from './title.ts'

const ending = '.loom.json'

/** Gives the document to the browser's downloads. */
export function download(tab: Tab): void {
  const text = printWorkflow(tab.document.getState().workflow)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = fileName(titleOf(tab))
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** A name that every file system takes. */
const fileName = (title: string): string => `${title.replace(/[\\/:*?"<>|\p{Cc}]+/gu, '-').slice(0, 100)}${ending}`

/**
 * Opens a file of the person's disk; saving it asks for a name, as a page cannot write to where it came from.
 * @throws LoomError as `openWorkflowText`
 */
export async function openFromDisk(file: File): Promise<Tab> {
  const name = file.name.endsWith(ending) ? file.name.slice(0, -ending.length) : file.name.replace(/\.json$/, '')
  return openWorkflowText(await file.text(), name)
}
