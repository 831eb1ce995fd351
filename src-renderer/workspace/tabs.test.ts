import { beforeEach, describe, expect, it } from 'vitest'
import { renameDocument } from '../commands/document.ts'
import { commitTo } from '../store/history.ts'
import { ui } from '../store/ui.ts'
import { type Tab, workspace } from '../store/workspace.ts'
import { draftOf, restoreTabs } from './draft.ts'
import { activate, closeTab, moveTab, newDocument, openWorkflow, requestClose, stepTab } from './tabs.ts'
import { titleOf } from './title.ts'

const text = (name: string) =>
  JSON.stringify({
    format: 'latent-loom',
    version: 1,
    name,
    nodes: { words: { type: 'prompt', version: 1, at: [0, 0], inputs: { text: name } } },
  })
const file = (id: string) => ({ id, revision: 'r1', name: id })
const edit = (tab: Tab, name: string) => commitTo(tab, renameDocument(tab.document.getState().workflow, name))
const titles = () => workspace.getState().tabs.map(titleOf)
const place = (title: string) => titles().indexOf(title)
const activeTitle = () => titles()[workspace.getState().tabs.findIndex(({ id }) => id === workspace.getState().active)]

beforeEach(() => {
  for (const { id } of workspace.getState().tabs) closeTab(id)
  ui.setState({ dialog: undefined })
  for (const name of ['a', 'b', 'c']) openWorkflow(text(name), name)
})

describe('tabs', () => {
  it('opens beside the active tab and shows what it opened', () => {
    activate(workspace.getState().tabs[0]?.id ?? '')
    newDocument()
    expect(titles()).toEqual(['a', 'Untitled', 'b', 'c'])
    expect(activeTitle()).toBe('Untitled')
  })

  it('names a document without a name', () => {
    openWorkflow('{ "format": "latent-loom", "version": 1, "nodes": {} }', 'Found')
    expect(activeTitle()).toBe('Found')
  })

  it('opens nothing for what is no workflow', () => {
    expect(() => openWorkflow('{}', 'x')).toThrow('not a Latent Loom workflow')
    expect(titles()).toEqual(['a', 'b', 'c'])
  })

  it('shows a file that is open instead of opening it again', () => {
    const opened = openWorkflow(text('d'), 'd', file('d'))
    edit(opened, 'edited')
    activate(workspace.getState().tabs[0]?.id ?? '')
    expect(openWorkflow(text('d'), 'd', file('d'))).toBe(opened)
    expect(activeTitle()).toBe('edited')
  })

  it('moves to any place and no further', () => {
    const [a] = workspace.getState().tabs
    for (const [to, order] of [
      [1, 'bac'],
      [2, 'bca'],
      [9, 'bca'],
      [-1, 'abc'],
    ] as const) {
      moveTab(a?.id ?? '', to)
      expect(titles().join('')).toBe(order)
    }
    moveTab('gone', 0)
    expect(titles().join('')).toBe('abc')
  })

  it('steps around the ends', () => {
    expect(activeTitle()).toBe('c')
    stepTab(1)
    expect(activeTitle()).toBe('a')
    stepTab(-1)
    expect(activeTitle()).toBe('c')
  })

  it('asks before it closes what is unsaved, and shows the neighbour of what it closed', () => {
    const tab = workspace.getState().tabs[2]
    if (!tab) throw new Error('There are three.')
    edit(tab, 'edited')
    requestClose(tab.id)
    expect(ui.getState().dialog).toEqual({ kind: 'close-unsaved', tab: tab.id })
    expect(place('edited')).toBe(2)
    tab.document.undo()
    requestClose(tab.id)
    expect(titles()).toEqual(['a', 'b'])
    expect(activeTitle()).toBe('b')
  })
})

describe('drafts', () => {
  /** Everything of a tab that a reload has to bring back. */
  const look = () =>
    workspace.getState().tabs.map((tab) => ({
      id: tab.id,
      title: titleOf(tab),
      workflow: tab.document.getState().workflow,
      unsaved: tab.document.isUnsaved(),
      file: workspace.getState().files.get(tab.id),
    }))

  it('bring tabs back as they were: order, text, unsaved marks, files, the one that is shown', () => {
    const saved = openWorkflow(text('saved'), 'saved', file('saved'))
    edit(openWorkflow(text('changed'), 'changed', file('changed')), 'changed more')
    moveTab(saved.id, 0)
    activate(saved.id)
    const before = look()
    const drafts = before.flatMap(({ id }) => draftOf(workspace.getState(), id) ?? [])
    expect(drafts.map(({ unsaved }) => unsaved)).toEqual([false, false, false, false, true])
    for (const { id } of before) closeTab(id)

    const names = new Map(['saved', 'changed'].map((id) => [id, id]))
    restoreTabs(drafts.toReversed(), names, saved.id)
    expect(look()).toEqual(before)
    expect(workspace.getState().active).toBe(saved.id)
  })

  it('bring back the rest when one cannot be read', () => {
    const drafts = workspace.getState().tabs.flatMap(({ id }) => draftOf(workspace.getState(), id) ?? [])
    for (const { id } of drafts) closeTab(id)
    restoreTabs(
      drafts.map((draft, index) => (index === 1 ? { ...draft, text: '{' } : draft)),
      new Map(),
      null,
    )
    expect(titles()).toEqual(['a', 'c'])
    expect(activeTitle()).toBe('a')
  })
})
