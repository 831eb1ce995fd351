import { Trash2 } from 'lucide-react'
import type { ActionContext } from '../../actions/action.ts'
import { perform } from '../../actions/perform.ts'
import { actionOf } from '../../actions/registry.ts'
import { chordsOf } from '../../actions/shortcuts.ts'
import { removeLink } from '../../canvas/links/remove-link.ts'
import { openNodeSearch } from '../../canvas/search/open.ts'
import type { MenuItem } from '../../store/context-menu.ts'
import type { LinkEnd } from '../../store/graph.ts'
import type { Tab } from '../../store/workspace.ts'
import { t } from '../../strings/t.ts'
import { printChord } from '../../ui/chord.ts'

/** Targets of context menus. */
type MenuTarget = 'node' | 'frame' | 'note' | 'canvas'

/** Ids of the actions of each menu, in sections. */
export const menus: Record<MenuTarget, readonly (readonly string[])[]> = {
  node: [
    ['run.to-node'],
    ['edit.cut', 'edit.copy', 'edit.paste', 'edit.duplicate'],
    ['edit.rename', 'arrange.mute', 'arrange.bypass', 'arrange.collapse'],
    ['arrange.enter', 'arrange.expand', 'arrange.subgraph', 'add.frame'],
    ['arrange.layout'],
    ['edit.dissolve', 'edit.delete'],
  ],
  frame: [['edit.rename', 'arrange.layout'], ['edit.cut', 'edit.copy', 'edit.duplicate'], ['edit.delete']],
  note: [['edit.cut', 'edit.copy', 'edit.duplicate'], ['add.frame'], ['edit.delete']],
  canvas: [
    ['add.note', 'add.frame'],
    ['edit.paste', 'edit.select-all'],
    ['arrange.layout', 'view.fit'],
    ['edit.undo', 'edit.redo'],
    ['arrange.leave'],
  ],
}

type Screen = { readonly x: number; readonly y: number }

/** The context menu for a target. Disabled actions are left out. */
export function menuFor(tab: Tab, target: MenuTarget, screen: Screen): MenuItem[][] {
  const sections = menus[target].map((ids) => ids.flatMap((id) => itemOf(id, { tab }) ?? []))
  const first = target === 'canvas' ? [[searchItem(screen)]] : []
  return [...first, ...sections].filter((section) => section.length > 0)
}

function itemOf(id: string, context: ActionContext): MenuItem | undefined {
  const action = actionOf(id)
  if (!action || action.enabled?.(context) === false) return undefined
  const [chord] = chordsOf(action)
  return {
    id,
    label: action.label(context),
    ...(action.icon && { icon: action.icon }),
    ...(chord !== undefined && { keys: printChord(chord) }),
    perform: () => perform(action, context),
  }
}

/** Opens the node search at the position of the menu, unlike the action. */
function searchItem(screen: Screen): MenuItem {
  const icon = actionOf('add.node')?.icon
  return {
    id: 'add.node',
    label: t('canvas.menu.addNode'),
    ...(icon && { icon }),
    perform: () => openNodeSearch(screen),
  }
}

/** The menu of a link. */
export function linkMenu(tab: Tab, end: LinkEnd): MenuItem[][] {
  const perform = (): void => removeLink(tab, end)
  return [[{ id: 'link.remove', label: t('canvas.menu.removeLink'), icon: Trash2, perform }]]
}
