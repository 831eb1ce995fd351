import { expect, it } from 'vitest'
import { verbs } from '#core/protocol/desktop.ts'
import { actions, allActions } from '../actions/registry.ts'
import { acceleratorOf, desktopMenus, sections } from './menu.ts'

const nothing = { tab: undefined, typing: false, recent: [] }
const itemsIn = (state: Parameters<typeof desktopMenus>[0]) => desktopMenus(state).flatMap(({ items }) => items)

it('gives every action a place in a menu that the window accepts', () => {
  const menus = desktopMenus(nothing)
  verbs.setMenu.takes.parse([menus])
  const named = itemsIn(nothing).flatMap((item) => (item.kind === 'action' ? [item.action] : []))
  expect(named.sort()).toEqual(actions.map(({ id }) => id).sort())
  expect([...sections].filter((id) => !allActions.some((action) => action.id === id))).toEqual([])
  expect(menus.map(({ label }) => label)).toEqual(['File', 'Edit', 'View', 'Add', 'Arrange', 'Run', 'Help'])
})

it('offers undo in a text field even when the document has nothing to undo', () => {
  const undo = (typing: boolean) =>
    itemsIn({ ...nothing, typing }).find((item) => item.kind === 'action' && item.action === 'edit.undo')
  expect(undo(false)).toMatchObject({ enabled: false, accelerator: 'CmdOrCtrl+Z' })
  expect(undo(true)).toMatchObject({ enabled: true })
})

it('lists recent documents with their places, the last one first', () => {
  const recent = Array.from({ length: 12 }, (_, index) => ({ id: `d${index}`, name: `n${index}`, place: 'p' }))
  const item = itemsIn({ ...nothing, recent }).find(({ kind }) => kind === 'documents')
  expect(item).toMatchObject({ label: 'Open recent' })
  expect(item && 'documents' in item && item.documents).toHaveLength(10)
  expect(item && 'documents' in item && item.documents[0]).toEqual({ id: 'd0', label: 'n0 – p' })
})

it('writes chords as Electron does', () => {
  expect(acceleratorOf('mod+shift+enter')).toBe('CmdOrCtrl+Shift+Enter')
  expect(acceleratorOf('alt+pagedown')).toBe('Alt+PageDown')
  expect(acceleratorOf('mod+plus')).toBe('CmdOrCtrl+Plus')
  expect(acceleratorOf('f2')).toBe('F2')
})
