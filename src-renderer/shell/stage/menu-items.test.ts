import { expect, it } from 'vitest'
import { actionOf } from '../../actions/registry.ts'
import { menus } from './menu-items.ts'
import { sections } from './selection-bar.tsx'

it('names actions that there are, each once in a menu', () => {
  for (const [target, ids] of Object.entries({ ...menus, bar: sections })) {
    const all = ids.flat()
    expect(new Set(all).size, target).toBe(all.length)
    for (const id of all) expect(actionOf(id)?.id, target).toBe(id)
  }
})

it('gives every button of the bar an icon', () => {
  for (const id of sections.flat()) expect(actionOf(id)?.icon, id).toBeDefined()
})
