import { routeBodies, type TabDraft } from '#core/protocol/routes.ts'
import { call } from '../api/client.ts'
import { workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { showError } from '../ui/notices.ts'
import { openDocument } from './documents.ts'
import { restoreTabs } from './draft.ts'
import { keepDrafts } from './drafts.ts'
import { hearOtherPages } from './other-pages.ts'
import { checkFiles } from './save.ts'
import { decodeShareLink, isShareLink } from './share-link.ts'
import { stashed } from './stash.ts'
import { newDocument, openWorkflow } from './tabs.ts'

/** The template that a first start shows. */
const firstTemplate = 'lcm-lora'

/** Where the browser keeps which tab was shown. */
const activeKey = 'latent-loom.active'

/** Brings the documents back that were open, and opens what the address asks for, or a template; then watches over them. */
export async function start(): Promise<void> {
  await restoreDrafts().catch(showError)
  await openAddress().catch(showError)
  window.addEventListener('hashchange', () => openAddress().catch(showError))
  if (workspace.getState().tabs.length === 0) await openTemplate().catch(openNothing)
  keepDrafts()
  hearOtherPages()
  workspace.subscribe(({ active }) => localStorage.setItem(activeKey, active ?? ''))
  window.addEventListener('focus', () => void checkFiles())
}

async function restoreDrafts(): Promise<void> {
  const [{ drafts }, names] = await Promise.all([call('listDrafts', {}), documentNames()])
  restoreTabs(newest(drafts), names, localStorage.getItem(activeKey))
}

/** What a page left behind as it went is newer than what the server has. */
function newest(drafts: readonly TabDraft[]): TabDraft[] {
  const byId = new Map(drafts.map((draft) => [draft.id, draft]))
  for (const draft of stashed((stored) => routeBodies.saveDraft.safeParse(stored).data)) byId.set(draft.id, draft)
  return [...byId.values()]
}

/** Names of the server's documents by id; drafts do without if the server cannot say. */
async function documentNames(): Promise<ReadonlyMap<string, string>> {
  const { documents } = await call('listDocuments', {}).catch(() => ({ documents: [] }))
  return new Map(documents.map(({ id, name }) => [id, name]))
}

/** Opens what the address names: a share link, or a document of the server. The address is plain afterwards. */
async function openAddress(): Promise<void> {
  const { hash } = location
  if (hash === '') return
  history.replaceState(null, '', location.pathname)
  if (isShareLink(hash)) openWorkflow(await decodeShareLink(hash), t('shell.tabs.shared'))
  else if (hash.startsWith('#open=')) await openDocument(decodeURIComponent(hash.slice('#open='.length)))
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
