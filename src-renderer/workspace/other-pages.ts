import type { DraftMessage } from '#core/protocol/jobs.ts'
import type { StoredDraft } from '#core/protocol/routes.ts'
import { call } from '../api/client.ts'
import { type Tab, workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { dismiss, type NoticeAction, notify } from '../ui/notices.ts'
import { draftOf } from './draft.ts'
import { baseOf, continueFrom, hasReplaced, page, touchDraft } from './drafts.ts'
import { loadDraft } from './save.ts'
import { tabOf, tabOfFile } from './tabs.ts'
import { titleOf } from './title.ts'

/** The tabs that each other page has open too. */
const met = new Map<string, Set<Tab>>()

/** Tabs of which the user knows that another page has edited them. */
const told = new Set<string>()

/**
 * Takes note of the draft of another page: of this browser or of another. The user learns of a page that has the same
 * document open, and of its edits; nothing is replaced before a choice.
 */
export async function hearDraft({ page: from, tab: id, file, revision }: DraftMessage): Promise<void> {
  if (from === page) return
  const tab = tabOf(id) ?? (file === undefined ? undefined : tabOfFile(file))
  if (!tab) return
  if (tab.id === id && revision === null) {
    // its tab is closed there and stays open here
    continueFrom(id, undefined)
    touchDraft(id)
  } else if (tab.id === id && revision !== baseOf(id) && !(await hasSameText(tab))) tellOfEdits(tab)
  else if (!hasReplaced(from)) meet(tab, from)
}

/** Asks which of two versions to go on with, because a tab was edited both here and in another page. */
export function askWhichVersion(tab: Tab): void {
  const keep = { label: t('shell.drafts.keep'), perform: () => keepThis(tab) }
  offerOther(tab, t('shell.drafts.both', { title: titleOf(tab) }), t('shell.drafts.bothHint'), keep)
}

function tellOfEdits(tab: Tab): void {
  if (told.has(tab.id)) return
  offerOther(tab, t('shell.drafts.elsewhere', { title: titleOf(tab) }), t('shell.drafts.elsewhereHint'))
}

/** Offers the other page's version until the user has chosen. */
function offerOther(tab: Tab, message: string, hint: string, ...others: NoticeAction[]): void {
  told.add(tab.id)
  const takeIt = { label: t('shell.drafts.takeOver'), perform: () => takeOver(tab) }
  notify({ kind: 'warning', id: noticeOf(tab), persistent: true, message, hint, actions: [takeIt, ...others] })
}

/** Documents that a notice names at most. */
const maxTitles = 3

/** Tells once of a page that has the document open, and lets it know of this one. */
function meet(tab: Tab, from: string): void {
  const tabs = met.get(from) ?? new Set()
  if (tabs.has(tab)) return
  met.set(from, tabs.add(tab))
  touchDraft(tab.id)
  const message =
    tabs.size > maxTitles
      ? t('shell.drafts.openMany', { count: tabs.size })
      : t('shell.drafts.open', { titles: [...tabs].map(titleOf).join(', ') })
  notify({ kind: 'info', id: 'met', message, hint: t('shell.drafts.openHint') })
}

/** Whether the stored draft has the text of this page, as after one run that both have seen. The tab then continues it. */
async function hasSameText(tab: Tab): Promise<boolean> {
  const stored = await storedDraft(tab.id).catch(() => undefined)
  const same = stored !== undefined && stored.text === draftOf(workspace.getState(), tab.id)?.text
  if (!same) return false
  continueFrom(tab.id, stored.revision)
  told.delete(tab.id)
  dismiss(noticeOf(tab))
  return true
}

/** Loads the other page's version of the document as one undo step. */
async function takeOver(tab: Tab): Promise<void> {
  const stored = await storedDraft(tab.id)
  if (stored) loadDraft(tab, stored)
  goOnFrom(tab, stored)
}

/** Replaces the draft of the other page, which still has its version and learns of this one. */
const keepThis = async (tab: Tab): Promise<void> => goOnFrom(tab, await storedDraft(tab.id))

function goOnFrom(tab: Tab, stored: StoredDraft | undefined): void {
  continueFrom(tab.id, stored?.revision)
  told.delete(tab.id)
  touchDraft(tab.id)
}

async function storedDraft(id: string): Promise<StoredDraft | undefined> {
  const { drafts } = await call('listDrafts', {})
  return drafts.find((draft) => draft.id === id)
}

const noticeOf = ({ id }: Tab): string => `elsewhere ${id}`
