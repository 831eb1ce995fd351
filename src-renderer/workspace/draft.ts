import type { TabDraft } from '#core/protocol/routes.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { type WorkspaceState, workspace } from '../store/workspace.ts'
import { showError } from '../ui/notices.ts'
import { readDocument } from './read-document.ts'
import { activate, createTab } from './tabs.ts'
import { titleOf } from './title.ts'

/** The draft of a tab: all data to restore it. */
export function draftOf({ tabs, files }: WorkspaceState, id: string): TabDraft | undefined {
  const position = tabs.findIndex((tab) => tab.id === id)
  const tab = tabs[position]
  if (!tab) return undefined
  const file = files.get(id)
  return {
    id,
    title: titleOf(tab),
    text: printWorkflow(tab.document.getState().workflow),
    ...(file && { file: { id: file.id, revision: file.revision } }),
    unsaved: tab.document.isUnsaved(),
    position,
    shown: tab.run.getState().drawn.at,
  }
}

/**
 * Restores tabs from drafts. An unreadable draft gives a notice and stays on the server.
 * @param names document names by id. A file without one gets the title of its tab.
 * @param shown id of the tab to show; default: the first
 */
export function restoreTabs(
  drafts: readonly TabDraft[],
  names: ReadonlyMap<string, string>,
  shown: string | null,
): void {
  for (const draft of drafts.toSorted((a, b) => a.position - b.position)) {
    try {
      restoreTab(draft, names)
    } catch (error) {
      showError(error)
    }
  }
  const { tabs } = workspace.getState()
  const active = tabs.find(({ id }) => id === shown) ?? tabs[0]
  if (active) activate(active.id)
}

function restoreTab({ id, title, text, file, unsaved, shown = 0 }: TabDraft, names: ReadonlyMap<string, string>): void {
  createTab(readDocument(text).workflow, {
    id,
    unsaved,
    shown,
    ...(file && { file: { ...file, name: names.get(file.id) ?? title } }),
  })
}
