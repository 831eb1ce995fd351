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
 * The drafts to open, from those of the server and those that closing pages stored in the browser. These are newer than
 * the server's, unless another page has saved another text meanwhile. Then each is opened, the browser's as a new tab.
 * @returns also the id of the tab for each draft from the browser
 */
export function reconcile(
  drafts: readonly StoredDraft[],
  stashed: readonly SentDraft[],
): { readonly restored: TabDraft[]; readonly tabs: ReadonlyMap<SentDraft, string> } {
  const restored = new Map<string, TabDraft>(drafts.map((draft) => [draft.id, draft]))
  const tabs = new Map<SentDraft, string>()
  for (const draft of stashed) {
    const stored = drafts.find(({ id }) => id === draft.id)
    const known = restored.get(draft.id)
    const continues =
      !stored || stored.revision === draft.base || (stored.page !== undefined && stored.page === draft.page)
    const isHere = known?.text === draft.text || (known === stored && continues)
    const id = isHere ? draft.id : nanoid()
    restored.set(id, { ...draft, id })
    tabs.set(draft, id)
  }
  return { restored: [...restored.values()], tabs }
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
