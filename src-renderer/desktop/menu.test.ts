import { expect, it } from 'vitest'
import { verbs } from '#core/protocol/desktop.ts'
import { actions } from '../actions/registry.ts'
import { acceleratorOf, desktopMenus } from './menu.ts'

it('gives every action a place in a menu that the window accepts', () => {
  const menus = desktopMenus({ tab: undefined })
  verbs.setMenu.takes.parse([menus])
  expect(menus.flatMap(({ items }) => items.map(({ action }) => action)).sort()).toEqual(
    actions.map(({ id }) => id).sort(),
  )
  expect(menus.flatMap(({ items }) => items).find(({ action }) => action === 'edit.undo')?.enabled).toBe(false)
})

it('writes chords as Electron does', () => {
  expect(acceleratorOf('mod+shift+enter')).toBe('CmdOrCtrl+Shift+Enter')
  expect(acceleratorOf('alt+pagedown')).toBe('Alt+PageDown')
  expect(acceleratorOf('f2')).toBe('F2')
})
