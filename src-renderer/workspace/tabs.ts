import { nanoid } from 'nanoid'
import type { Workflow } from '#core/workflow/document.ts'
import { createDocumentStore } from '../store/document-store.ts'
import { createInferenceStore } from '../store/inference.ts'
import { createRunStore } from '../store/run-store.ts'
import { openDialog } from '../store/ui.ts'
import { createViewStore } from '../store/view-store.ts'
import { type Tab, type TabFile, workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { readDocument } from './read-document.ts'

interface TabOptions {
  /** Default: a new id. */
  readonly id?: string
  readonly file?: TabFile
  /** Whether the workflow has unsaved changes. */
  readonly unsaved?: boolean
  /** When the last run was sent whose seeds the workflow has. */
  readonly shown?: number
}

/** Opens a tab next to the active one and shows it. */
export function createTab(workflow: Workflow, { id = nanoid(), file, unsaved = false, shown }: TabOptions = {}): Tab {
  const tab: Tab = {
    id,
    document: createDocumentStore(workflow, unsaved ? undefined : workflow),
    view: createViewStore(),
    run: createRunStore(shown),
    inference: createInferenceStore(),
  }
  const { tabs, active, files } = workspace.getState()
  const place = tabs.findIndex((other) => other.id === active) + 1 || tabs.length
  workspace.setState({
    tabs: tabs.toSpliced(place, 0, tab),
    active: id,
    files: file ? new Map(files).set(id, file) : files,
  })
  return tab
}

/**
 * Opens a document or the workflow in another file. If the file is already open, shows its tab.
 * @param title title of a document without a name
 * @throws LoomError as `readDocument`; nothing is opened then
 */
export function openWorkflow(content: string | Uint8Array, title: string, file?: TabFile): Tab {
  const open = file && tabOfFile(file.id)
  if (open) {
    activate(open.id)
    return open
  }
  const { workflow } = readDocument(content)
  return createTab(workflow.name ? workflow : { ...workflow, name: title }, file && { file })
}

export const newDocument = (): Tab =>
  createTab({ format: 'latent-loom', version: 1, name: t('shell.tabs.untitled'), nodes: {} })

export const activate = (id: string): void => workspace.setState({ active: id })

export const tabOf = (id: string): Tab | undefined => workspace.getState().tabs.find((tab) => tab.id === id)

/** The tab of a file, if it is open. */
export function tabOfFile(file: string): Tab | undefined {
  const { tabs, files } = workspace.getState()
  return tabs.find(({ id }) => files.get(id)?.id === file)
}

/** Moves a tab to a position. */
export function moveTab(id: string, place: number): void {
  const { tabs } = workspace.getState()
  const tab = tabs.find((other) => other.id === id)
  const to = Math.min(Math.max(place, 0), tabs.length - 1)
  if (!tab || tabs[to] === tab) return
  workspace.setState({ tabs: tabs.filter((other) => other !== tab).toSpliced(to, 0, tab) })
}

/** Shows the next or previous tab, and wraps around. */
export function stepTab(by: 1 | -1): void {
  const { tabs, active } = workspace.getState()
  const place = tabs.findIndex(({ id }) => id === active)
  const next = tabs.at((place + by) % tabs.length)
  if (next) activate(next.id)
}

/** Closes a tab. Asks first if it has unsaved changes. */
export function requestClose(id: string): void {
  if (tabOf(id)?.document.isUnsaved()) openDialog({ kind: 'close-unsaved', tab: id })
  else closeTab(id)
}

/** Closes a tab without asking. */
export function closeTab(id: string): void {
  const { tabs, active, files } = workspace.getState()
  const place = tabs.findIndex((tab) => tab.id === id)
  if (place < 0) return
  const left = tabs.toSpliced(place, 1)
  const next = active === id ? (left[place] ?? left.at(-1))?.id : active
  workspace.setState({ tabs: left, active: next, files: new Map([...files].filter(([tab]) => tab !== id)) })
}
