import { LoomError } from '#core/errors.ts'
import type { DocumentContent, TabDraft } from '#core/protocol/routes.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { call } from '../api/client.ts'
import { desktop } from '../api/desktop.ts'
import { renameDocument } from '../commands/document.ts'
import { commitTo } from '../store/history.ts'
import { openDialog } from '../store/ui.ts'
import { type Tab, type TabFile, workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { dismiss, notify } from '../ui/notices.ts'
import { readDocument } from './read-document.ts'
import { activate, closeTab } from './tabs.ts'
import { titleOf } from './title.ts'

const fileOf = (tab: Tab): TabFile | undefined => workspace.getState().files.get(tab.id)

/**
 * Saves the document to its file. Asks for a name if it has none, and what to do if the file was changed elsewhere.
 * @param thenClose closes the tab after saving, if a name has to be asked for
 * @throws LoomError as `call`
 */
export async function saveTab(tab: Tab, thenClose = false): Promise<void> {
  const file = fileOf(tab)
  if (!file) return askForName(tab, thenClose)
  try {
    await write(tab, file, file.revision)
  } catch (error) {
    if (!(error instanceof LoomError)) throw error
    if (error.code === 'conflict') {
      dismiss(changedNotice(tab))
      openDialog({ kind: 'conflict', tab: tab.id })
    } else if (error.code === 'not-found') await askForName(tab, thenClose)
    else throw error
  }
}

/**
 * Asks for a name to save as, in the native dialog if there is one. The document gets its name.
 * @throws LoomError as `call`
 */
export async function askForName(tab: Tab, thenClose = false): Promise<void> {
  activate(tab.id)
  if (!desktop) return openDialog({ kind: 'save-as', tab: tab.id, thenClose })
  const place = await desktop.choosePlace(titleOf(tab))
  if (place === null) return
  const { workflow } = tab.document.getState()
  if (workflow.name !== place.name) commitTo(tab, renameDocument(workflow, place.name))
  await write(tab, place, null)
  if (thenClose) closeTab(tab.id)
}

/**
 * Saves the document to its file, even if the file has changed.
 * @throws LoomError as `call`
 */
export async function overwrite(tab: Tab): Promise<void> {
  const file = fileOf(tab)
  if (file) await write(tab, file, null)
}

/**
 * Saves the document to a new file, which becomes the tab's file. The document gets its name.
 * @throws LoomError as `call`; `conflict` if the file exists and `replace` is false
 */
export async function saveAs(tab: Tab, name: string, replace: boolean): Promise<void> {
  const { workflow } = tab.document.getState()
  const named: Workflow = { ...workflow, name }
  const content = await call('createDocument', { name, text: printWorkflow(named), replace })
  commitTo(tab, renameDocument(workflow, name))
  saved(tab, content, tab.document.getState().workflow)
}

/** Tabs whose documents are being saved. */
const saving = new Set<Tab>()

async function write(tab: Tab, { id }: Pick<TabFile, 'id'>, revision: string | null): Promise<void> {
  const { workflow } = tab.document.getState()
  saving.add(tab)
  try {
    saved(tab, await call('saveDocument', { text: printWorkflow(workflow), revision }, { id }), workflow)
  } finally {
    saving.delete(tab)
  }
}

/** @param workflow the saved workflow. Later edits are unsaved. */
function saved(tab: Tab, { id, revision, name }: DocumentContent, workflow: Workflow): void {
  tab.document.markSaved(workflow)
  setFile(tab, { id, revision, name })
  dismiss(changedNotice(tab))
  notify({ kind: 'success', id: 'saved', message: t('shell.save.saved', { name }) })
}

const setFile = (tab: Tab, file: TabFile): void =>
  workspace.setState(({ files }) => ({ files: new Map(files).set(tab.id, file) }))

/**
 * Replaces the tab's document by the file's content as one undo step, so that nothing is lost.
 * @throws LoomError as `call`, or `parse`
 */
export async function loadFile(tab: Tab): Promise<void> {
  const file = fileOf(tab)
  if (!file) return
  const { id, revision, name, text } = await call('openDocument', {}, { id: file.id })
  replaceDocument(tab, text, t('shell.save.loadStep', { name }))
  tab.document.markSaved(tab.document.getState().workflow)
  setFile(tab, { id, revision, name })
  dismiss(changedNotice(tab))
}

/**
 * Replaces the tab's document and its file by those of another page's draft, as one undo step.
 * @throws LoomError as `readDocument`
 */
export function loadDraft(tab: Tab, { text, file, unsaved, title }: TabDraft): void {
  replaceDocument(tab, text, t('shell.drafts.takeOver'))
  if (!unsaved) tab.document.markSaved(tab.document.getState().workflow)
  if (file) setFile(tab, { ...file, name: fileOf(tab)?.name ?? title })
  dismiss(changedNotice(tab))
}

/**
 * Replaces a tab's document as one undo step.
 * @throws LoomError as `readDocument`
 */
function replaceDocument(tab: Tab, text: string, label: string): void {
  const next = readDocument(text).workflow
  commitTo(tab, {
    label,
    select: [],
    apply: (draft) => {
      const rest: Partial<Workflow> = draft
      for (const key of Object.keys(draft) as (keyof Workflow)[]) if (!(key in next)) delete rest[key]
      Object.assign(draft, next)
    },
  })
}

const changedNotice = (tab: Tab): string => `changed ${tab.id}`

/** Checks whether files of open tabs were changed elsewhere, and shows one notice per change. */
export async function checkFiles(): Promise<void> {
  await Promise.all(workspace.getState().tabs.map(checkFile))
}

/** The last reported foreign revision by tab. */
const told = new WeakMap<Tab, string>()

async function checkFile(tab: Tab): Promise<void> {
  const file = fileOf(tab)
  const now = file && (await call('openDocument', {}, { id: file.id }).catch(() => undefined))
  if (now) hearFile(now)
}

/** Takes note of a file that was saved here, in another page or by another program. */
export function hearFile({ id, revision }: Pick<DocumentContent, 'id' | 'revision'>): void {
  const { tabs } = workspace.getState()
  for (const tab of tabs) if (fileOf(tab)?.id === id) tellOfFile(tab, revision)
}

function tellOfFile(tab: Tab, revision: string): void {
  // a save that is under way finds out by itself
  if (saving.has(tab) || revision === fileOf(tab)?.revision || revision === told.get(tab)) return
  told.set(tab, revision)
  notify({
    kind: 'warning',
    id: changedNotice(tab),
    persistent: true,
    message: t('shell.save.changed', { name: titleOf(tab) }),
    hint: t('shell.save.changedHint'),
    actions: [{ label: t('shell.save.load'), perform: () => loadFile(tab) }],
  })
}
