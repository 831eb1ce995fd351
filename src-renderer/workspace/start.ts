import { routeBodies } from '#core/protocol/routes.ts'
import { call } from '../api/client.ts'
import { desktop } from '../api/desktop.ts'
import { workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { notify, showError } from '../ui/notices.ts'
import { openDocument } from './documents.ts'
import { reconcile, restoreTabs } from './draft.ts'
import { adoptStashed, continueFrom, keepDrafts } from './drafts.ts'
import { askWhichVersion } from './other-pages.ts'
import { checkFiles } from './save.ts'
import { decodeShareLink, isShareLink } from './share-link.ts'
import { stashed } from './stash.ts'
import { newDocument, openWorkflow } from './tabs.ts'

/** The template for the first start. */
const firstTemplate = 'lcm-lora'

/** Storage key of the active tab. */
const activeKey = 'latent-loom.active'

/** Restores the open documents, opens the document in the address or else a template, and starts saving drafts. */
export async function start(): Promise<void> {
  await restoreDrafts().catch(showError)
  await openAddress().catch(showError)
  await openGiven().catch(showError)
  window.addEventListener('hashchange', () => openAddress().catch(showError))
  if (workspace.getState().tabs.length === 0) await openTemplate().catch(openNothing)
  keepDrafts(askWhichVersion)
  workspace.subscribe(({ active }) => localStorage.setItem(activeKey, active ?? ''))
  window.addEventListener('focus', () => void checkFiles())
}

async function restoreDrafts(): Promise<void> {
  const [{ drafts }, names] = await Promise.all([call('listDrafts', {}), documentNames()])
  for (const { id, revision } of drafts) continueFrom(id, revision)
  const { restored, tabs } = reconcile(
    drafts,
    stashed((stored) => routeBodies.saveDraft.safeParse(stored).data),
  )
  restoreTabs(restored, names, localStorage.getItem(activeKey))
  adoptStashed(tabs)
  for (const [{ id, title }, tab] of tabs) {
    if (tab !== id) notify({ kind: 'warning', persistent: true, message: t('shell.drafts.apart', { title }) })
  }
}

/** Names of the server's documents by id. Empty if the server does not answer. */
async function documentNames(): Promise<ReadonlyMap<string, string>> {
  const { documents } = await call('listDocuments', {}).catch(() => ({ documents: [] }))
  return new Map(documents.map(({ id, name }) => [id, name]))
}

/** Opens the share link or the document in the address, and then cleans the address. */
async function openAddress(): Promise<void> {
  const { hash } = location
  if (hash === '') return
  history.replaceState(null, '', location.pathname)
  if (isShareLink(hash)) openWorkflow(await decodeShareLink(hash), t('shell.tabs.shared'))
  else if (hash.startsWith('#open=')) await openDocument(decodeURIComponent(hash.slice('#open='.length)))
}

/** Opens the documents that the window was given from outside, and what links have brought. */
export async function openGiven(): Promise<void> {
  for (const id of (await desktop?.takeOpened()) ?? []) await openDocument(id)
  for (const { title, content } of (await desktop?.takeImported()) ?? []) openWorkflow(content, title)
}

async function openTemplate(): Promise<void> {
  const { templates } = await call('listTemplates', {})
  const template = templates.find(({ id }) => id === firstTemplate) ?? templates[0]
  if (template) openWorkflow(template.text, template.title)
  else newDocument()
}

function openNothing(error: unknown): void {
  showError(error)
  newDocument()
}
