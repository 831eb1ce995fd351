import { nanoid } from 'nanoid'
import type { StoredDraft, TabDraft } from '#core/protocol/routes.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { type WorkspaceState, workspace } from '../store/workspace.ts'
import { showError } from '../ui/notices.ts'
import { readDocument } from './read-document.ts'
import type { SentDraft } from './stash.ts'
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
 * The drafts to open, from those of the server and those that a closing page stored in the browser. These are newer,
 * unless another page has saved another text meanwhile: then both are opened, the browser's `apart` as a new tab.
 */
export function reconcile(
  drafts: readonly StoredDraft[],
  stashed: readonly SentDraft[],
): { readonly kept: TabDraft[]; readonly apart: TabDraft[] } {
  const kept = new Map<string, TabDraft>(drafts.map((draft) => [draft.id, draft]))
  const apart: TabDraft[] = []
  for (const draft of stashed) {
    const stored = drafts.find(({ id }) => id === draft.id)
    const isSeen =
      !stored ||
      stored.revision === draft.base ||
      stored.text === draft.text ||
      (stored.page !== undefined && stored.page === draft.page)
    if (isSeen) kept.set(draft.id, draft)
    else apart.push({ ...draft, id: nanoid() })
  }
  return { kept: [...kept.values()], apart }
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
