import { call } from '../api/client.ts'
import { type Tab, type WorkspaceState, workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { dismiss, notify, showError } from '../ui/notices.ts'
import { draftOf } from './draft.ts'
import { createDraftKeeper } from './draft-keeper.ts'
import { tellOtherPages } from './other-pages.ts'
import { forgetStash, stash, unstash } from './stash.ts'

/** Slightly below the browsers' limit for request bodies while the page closes. */
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

/** Saves a draft of every tab from now on. Deletes the draft of a closed tab. */
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
  // wait for a running save, which would restore the draft
  await keeper.forget(id)
  forgetStash(id)
  await call('deleteDraft', {}, { id })
}

/** Stores unsaved drafts in the browser when the page may close, and also sends them if possible. */
function part(): void {
  for (const id of keeper.pending()) {
    const draft = draftOf(workspace.getState(), id)
    if (!draft) continue
    stash(draft)
    const keepalive = draft.text.length < maxParting
    if (keepalive) call('saveDraft', draft, { id, keepalive }).catch(() => undefined)
  }
}
