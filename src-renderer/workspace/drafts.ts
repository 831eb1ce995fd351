import { call } from '../api/client.ts'
import { type Tab, type WorkspaceState, workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { dismiss, notify, showError } from '../ui/notices.ts'
import { draftOf } from './draft.ts'
import { createDraftKeeper } from './draft-keeper.ts'
import { tellOtherPages } from './other-pages.ts'
import { forgetStash, stash, unstash } from './stash.ts'

/** Browsers send this much of a body while the page closes, a little less to be safe. */
const maxParting = 60_000

const failedNotice = 'drafts'

const keeper = createDraftKeeper({
  async save(id) {
    const draft = draftOf(workspace.getState(), id)
    if (!draft) return
    await call('saveDraft', draft, { id })
    unstash(draft)
  },
  failed(error) {
    const message = t('shell.drafts.failed', { reason: error instanceof Error ? error.message : String(error) })
    notify({ kind: 'error', id: failedNotice, persistent: true, message, hint: t('shell.drafts.failedHint') })
  },
  recovered: () => dismiss(failedNotice),
})

const watched = new Map<string, () => void>()

/** Keeps a draft of every tab from now on; the draft of one that is closed goes. */
export function keepDrafts(): void {
  const follow = ({ tabs, files }: WorkspaceState, before?: WorkspaceState) => {
    for (const [place, tab] of tabs.entries()) {
      if (!watched.has(tab.id)) watched.set(tab.id, watch(tab))
      if (before?.tabs[place] !== tab || before.files.get(tab.id) !== files.get(tab.id)) keeper.touch(tab.id)
    }
    for (const tab of before?.tabs ?? []) if (!tabs.includes(tab)) forget(tab).catch(showError)
  }
  follow(workspace.getState())
  workspace.subscribe(follow)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') part()
  })
  window.addEventListener('pagehide', part)
}

function watch(tab: Tab): () => void {
  return tab.document.subscribe((now, before) => {
    if (now.workflow === before.workflow && now.saved === before.saved) return
    keeper.touch(tab.id)
    if (now.workflow !== before.workflow) tellOtherPages(tab.id)
  })
}

async function forget({ id }: Tab): Promise<void> {
  watched.get(id)?.()
  watched.delete(id)
  // After a save under way, which would bring it back.
  await keeper.forget(id)
  forgetStash(id)
  await call('deleteDraft', {}, { id })
}

/** The page may go at any moment: what is not kept yet is left with the browser, and sent as well where that is possible. */
function part(): void {
  for (const id of keeper.pending()) {
    const draft = draftOf(workspace.getState(), id)
    if (!draft) continue
    stash(draft)
    const keepalive = draft.text.length < maxParting
    if (keepalive) call('saveDraft', draft, { id, keepalive }).catch(() => undefined)
  }
}
