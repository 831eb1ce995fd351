import { nanoid } from 'nanoid'
import { LoomError } from '#core/errors.ts'
import { call } from '../api/client.ts'
import { type Tab, type WorkspaceState, workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { dismiss, notify, showError } from '../ui/notices.ts'
import { draftOf } from './draft.ts'
import { createDraftKeeper } from './draft-keeper.ts'
import { forgetStash, type SentDraft, stash } from './stash.ts'

/** Slightly below the browsers' limit for request bodies while the page closes. */
const maxParting = 60_000

const failedNotice = 'drafts'

/** Tells this page from others, and from itself after a reload. */
export const page = nanoid()

/** Where a page leaves its id to the one that comes after a reload. */
const partedKey = 'latent-loom.parted'

/** The page that a reload has replaced by this one. */
let replaced: string | null = null

/** Whether this page has come in the place of another, whose last drafts may still be on their way to the server. */
export const hasReplaced = (other: string): boolean => other === replaced

/** The revision of the stored draft that each tab continues. A tab without one has none. */
const bases = new Map<string, string>()

/** Tabs of which another page has saved another text. Their drafts wait in the browser until the user chooses. */
const disputed = new Set<string>()

let dispute: (tab: Tab) => void = () => undefined

const keeper = createDraftKeeper({
  save,
  failed(error) {
    const message = t('shell.drafts.failed', { reason: error instanceof Error ? error.message : String(error) })
    notify({ kind: 'error', id: failedNotice, persistent: true, message, hint: t('shell.drafts.failedHint') })
  },
  recovered: () => dismiss(failedNotice),
})

function sentDraft(id: string): SentDraft | undefined {
  const draft = draftOf(workspace.getState(), id)
  return draft && { ...draft, page, base: bases.get(id) ?? null }
}

async function save(id: string): Promise<void> {
  const draft = sentDraft(id)
  if (!draft) return
  if (disputed.has(id)) return stash(draft)
  try {
    const { revision } = await call('saveDraft', draft, { id })
    bases.set(id, revision)
    // what was edited since is kept until the next save
    if (sentDraft(id)?.text === draft.text) forgetStash({ id, page })
  } catch (error) {
    // a page that crashes before the next attempt loses nothing
    stash(draft)
    if (!isConflict(error)) throw error
    disputed.add(id)
    const tab = workspace.getState().tabs.find((each) => each.id === id)
    if (tab) dispute(tab)
  }
}

/**
 * Stores the drafts of restored tabs in the browser in the name of this page, until the server has them, in place of
 * those of the pages that had stored them.
 * @param tabs the tab of each
 */
export function adoptStashed(tabs: ReadonlyMap<SentDraft, string>): void {
  for (const [stored, id] of tabs) {
    const draft = sentDraft(id)
    if (!draft) continue
    stash(draft)
    forgetStash(stored)
  }
}

/** Saves the draft of a tab soon, though nothing was edited. */
export const touchDraft = (id: string): void => keeper.touch(id)

/** The revision of the stored draft that a tab continues. */
export const baseOf = (id: string): string | undefined => bases.get(id)

/** Lets a tab continue a stored draft, whatever another page has saved. Undefined: none is stored. */
export function continueFrom(id: string, revision: string | undefined): void {
  if (revision === undefined) bases.delete(id)
  else bases.set(id, revision)
  disputed.delete(id)
}

const watched = new Map<string, () => void>()

/**
 * Saves a draft of every tab from now on. Deletes the draft of a closed tab.
 * @param ask called when another page has saved another text of a tab that was edited here too
 */
export function keepDrafts(ask: (tab: Tab) => void): void {
  dispute = ask
  replaced = sessionStorage.getItem(partedKey)
  // a copy of this browser tab must not take this page for its own past
  sessionStorage.removeItem(partedKey)
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
  window.addEventListener('pagehide', () => {
    sessionStorage.setItem(partedKey, page)
    part()
  })
}

function watch(tab: Tab): () => void {
  return tab.document.subscribe((now, before) => {
    if (now.workflow !== before.workflow || now.saved !== before.saved) keeper.touch(tab.id)
  })
}

async function forget({ id }: Tab): Promise<void> {
  watched.get(id)?.()
  watched.delete(id)
  // wait for a running save, which would restore the draft
  await keeper.forget(id)
  forgetStash({ id, page })
  const base = bases.get(id)
  continueFrom(id, undefined)
  await call('deleteDraft', { page, ...(base !== undefined && { base }) }, { id }).catch((error: unknown) => {
    // another page has edited it, or has closed it before
    if (!isConflict(error) && !(error instanceof LoomError && error.code === 'not-found')) throw error
  })
}

/** Stores unsaved drafts in the browser when the page may close, and also sends them if possible. */
function part(): void {
  for (const id of new Set([...keeper.pending(), ...disputed])) {
    const draft = sentDraft(id)
    if (!draft) continue
    stash(draft)
    const keepalive = draft.text.length < maxParting
    if (keepalive && !disputed.has(id)) call('saveDraft', draft, { id, keepalive }).catch(() => undefined)
  }
}

const isConflict = (error: unknown): boolean => error instanceof LoomError && error.code === 'conflict'
