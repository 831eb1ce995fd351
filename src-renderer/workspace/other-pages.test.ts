import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LoomError } from '#core/errors.ts'
import type { DraftMessage } from '#core/protocol/jobs.ts'
import type { RouteBody, StoredDraft } from '#core/protocol/routes.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { workspace } from '../store/workspace.ts'
import { notices } from '../ui/notices.ts'
import { reconcile } from './draft.ts'
import { keepDrafts, page } from './drafts.ts'
import { askWhichVersion, hearDraft } from './other-pages.ts'
import { closeTab, createTab } from './tabs.ts'

/** The drafts of a server, whose own tests say that it refuses the same. A revision is the text itself. */
const stored = new Map<string, StoredDraft>()
const heard: DraftMessage[] = []

const server = {
  listDrafts: async () => ({ drafts: [...stored.values()] }),
  async saveDraft({ base, ...draft }: RouteBody<'saveDraft'>, id: string) {
    require(id, [base, draft.text], draft.page)
    stored.set(id, { ...draft, revision: draft.text })
    tell({ type: 'draft', tab: id, page: draft.page ?? '', revision: draft.text })
    return { revision: draft.text }
  },
  async deleteDraft({ base, page: by = '' }: RouteBody<'deleteDraft'>, id: string) {
    if (base !== undefined) require(id, [base], by)
    if (!stored.delete(id)) throw new LoomError('not-found', 'There is no such draft.')
    tell({ type: 'draft', tab: id, page: by, revision: null })
    return {}
  },
}

function require(id: string, seen: readonly (string | null)[], by: string | undefined): void {
  const current = stored.get(id)
  if (current && !seen.includes(current.revision) && current.page !== by) throw new LoomError('conflict', 'Edited.')
}

function tell(change: DraftMessage): void {
  heard.push(change)
  void hearDraft(change)
}

vi.mock('../api/client.ts', () => ({
  Unreachable: class extends Error {},
  call: (name: keyof typeof server, body: never, { id = '' } = {}) => server[name](body, id),
}))

const named = (name: string): Workflow => ({ format: 'latent-loom', version: 1, name, nodes: {} })
const text = (name: string) => printWorkflow(named(name))
const shown = () => notices.getState().map(({ message }) => message)
const names = () => [...stored.values()].map((draft) => JSON.parse(draft.text).name)
/** Lets the drafts that are due be saved. */
const settle = () => vi.advanceTimersByTimeAsync(1000)
const choose = async (label: string) => {
  await notices
    .getState()
    .flatMap(({ actions = [] }) => actions)
    .find((action) => action.label === label)
    ?.perform()
  notices.setState([], true)
  await settle()
}

/** What another browser does with the document of this page's tab. */
const other = {
  async save(name: string): Promise<void> {
    const base = stored.get('tab')?.revision ?? null
    const draft = { id: 'tab', title: name, text: text(name), unsaved: true, position: 0, page: 'other', base }
    await server.saveDraft(draft, 'tab')
    await settle()
  },
  async close(): Promise<void> {
    await server.deleteDraft({ page: 'other' }, 'tab')
    await settle()
  },
}

const edit = async (name: string) => {
  tab.document.commit({ label: '', apply: (draft) => void Object.assign(draft, { name }) })
  await settle()
}
const title = () => tab.document.getState().workflow.name

let tab: ReturnType<typeof createTab>
let kept: Map<string, string>
let isKeeping = false
/** Where the page hears that it closes. */
const browser = new EventTarget()

beforeEach(async () => {
  vi.useFakeTimers()
  kept = new Map()
  vi.stubGlobal('localStorage', {
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  })
  const noEffect = () => undefined
  vi.stubGlobal('sessionStorage', { getItem: () => 'before the reload', setItem: noEffect, removeItem: noEffect })
  vi.stubGlobal('document', browser)
  vi.stubGlobal('window', browser)
  stored.clear()
  heard.length = 0
  if (!isKeeping) keepDrafts(askWhichVersion)
  isKeeping = true
  tab = createTab(named('Fox'), { id: 'tab' })
  await settle()
})

afterEach(async () => {
  closeTab('tab')
  await settle()
  vi.useRealTimers()
  vi.unstubAllGlobals()
  notices.setState([], true)
  workspace.setState({ tabs: [], active: undefined, files: new Map() })
})

describe('two browsers on one document', () => {
  it('both learn of it as soon as the second has it open, and once', async () => {
    await other.save('Fox')
    await other.save('Fox')
    expect(shown()).toEqual(['Also open in another window or browser: Fox.'])
    // what this page saves in turn tells the other
    expect(heard.map(({ page: from }) => from)).toEqual([page, 'other', page, 'other'])
  })

  it('more documents than a notice has room for are counted', async () => {
    for (const id of ['a', 'b', 'c']) createTab(named(id), { id })
    await settle()
    for (const id of ['tab', 'a', 'b', 'c']) {
      const revision = stored.get(id)?.revision ?? null
      tell({ type: 'draft', tab: id, page: 'third', revision })
    }
    expect(shown()).toEqual(['4 documents are also open in another window or browser.'])
    for (const id of ['a', 'b', 'c']) closeTab(id)
  })

  it('a page is no other one after a reload, though its last draft comes later', async () => {
    tell({ type: 'draft', tab: 'tab', page: 'before the reload', revision: text('Fox') })
    await settle()
    expect(shown()).toEqual([])
  })

  it('one that does not edit learns of the edits of the other, and shows them when asked to', async () => {
    await other.save('Owl')
    await other.save('Two owls')
    expect(shown()).toEqual(['Fox was edited in another window or browser.'])
    expect(title()).toBe('Fox')
    await choose('Show the other version')
    expect(title()).toBe('Two owls')
    tab.document.undo()
    expect(title()).toBe('Fox')
  })

  it('when both edit, neither replaces the other before a choice, and what waits is kept in the browser', async () => {
    await other.save('Owl')
    await edit('Bear')
    await edit('Two bears')
    expect(shown()).toEqual(['Bear was edited here and in another window or browser.'])
    expect(names()).toEqual(['Owl'])
    const [waiting] = [...kept.values()].map((draft) => JSON.parse(draft))
    expect(JSON.parse(waiting.text).name).toBe('Two bears')

    // also when the page closes before the choice
    kept.clear()
    browser.dispatchEvent(new Event('pagehide'))
    expect([...kept.values()].map((draft) => JSON.parse(draft).text)).toEqual([waiting.text])

    await choose('Keep this version')
    expect(names()).toEqual(['Two bears'])
    expect(kept.size).toBe(0)
    await edit('Three bears')
    expect(names()).toEqual(['Three bears'])
    expect(shown()).toEqual([])
  })

  it('when both edit, the other version can be taken, and undo brings back this one', async () => {
    await other.save('Owl')
    await edit('Bear')
    await choose('Show the other version')
    expect([title(), names()]).toEqual(['Owl', ['Owl']])
    await edit('Two owls')
    expect(names()).toEqual(['Two owls'])
    tab.document.undo()
    tab.document.undo()
    expect(title()).toBe('Bear')
  })

  it('is told again of later edits after a choice', async () => {
    await other.save('Owl')
    await choose('Show the other version')
    await other.save('Bear')
    expect(shown()).toEqual(['Owl was edited in another window or browser.'])
  })

  it('equal edits, such as those that a run makes in both, are no conflict', async () => {
    await other.save('Owl')
    notices.setState([], true)
    await edit('Owl')
    await edit('Two owls')
    expect(names()).toEqual(['Two owls'])
    expect(shown()).toEqual([])
  })

  it('a document that is closed in one stays open and kept in the other', async () => {
    await other.save('Fox')
    await other.close()
    expect(names()).toEqual(['Fox'])
    closeTab('tab')
    await settle()
    expect(names()).toEqual([])
    expect(shown().filter((message) => message.includes('no such'))).toEqual([])
  })

  it('a document that is closed here keeps the edits of the other', async () => {
    await other.save('Owl')
    closeTab('tab')
    await settle()
    expect(names()).toEqual(['Owl'])
    await other.close()
  })
})

describe('after a reload, what the browser kept is', () => {
  const draft = { id: 'tab', title: 'Fox', unsaved: true, position: 0 }
  const onServer = { ...draft, text: 'theirs', revision: 'r2', page: 'other' }
  const inBrowser = { ...draft, text: 'ours', base: 'r1', page: 'this' }

  it.each<[string, Partial<RouteBody<'saveDraft'>>]>([
    ['newer than the draft that it continues', { base: 'r2' }],
    ['newer than what the same page had sent before', { page: 'other' }],
    ['the same text', { text: 'theirs' }],
  ])('opened alone if it is %s', (_, more) => {
    const stash = { ...inBrowser, ...more }
    const { restored, tabs } = reconcile([onServer], [stash])
    expect(restored).toEqual([stash])
    expect(tabs.get(stash)).toBe('tab')
  })

  it('opened alone if the server has none', () => {
    expect(reconcile([], [inBrowser]).restored).toEqual([inBrowser])
  })

  it.each<[string, Partial<RouteBody<'saveDraft'>>]>([
    ['another page has edited the document since', {}],
    ['it continued none, and there is one', { base: null }],
  ])('opened beside the draft if %s', (_, more) => {
    const stash = { ...inBrowser, ...more }
    const { restored, tabs } = reconcile([onServer], [stash])
    expect(restored.map(({ text }) => text)).toEqual(['theirs', 'ours'])
    expect(tabs.get(stash)).not.toBe('tab')
    expect(restored[1]?.id).toBe(tabs.get(stash))
  })

  it('opened beside another one if two windows kept different texts of one tab', () => {
    const other = { ...inBrowser, text: 'more', page: 'third' }
    for (const drafts of [[], [{ ...onServer, revision: 'r1' }]]) {
      const { restored } = reconcile(drafts, [inBrowser, other])
      expect(restored.map(({ text }) => text)).toEqual(['ours', 'more'])
      expect(new Set(restored.map(({ id }) => id)).size).toBe(2)
    }
  })
})
