import { type MouseEvent, useCallback } from 'react'
import { linkId } from '../../canvas/links/flow-links.ts'
import { useTab } from '../../store/context.ts'
import { openContextMenu } from '../../store/context-menu.ts'
import { itemOf, linksIn } from '../../store/graph.ts'
import { shownIn } from '../../store/shown.ts'
import type { Tab } from '../../store/workspace.ts'
import { linkMenu, menuFor } from './menu-items.ts'

/** Opens the context menu of the item under the pointer (right button) or with the focus (menu key). */
export function useContextMenu() {
  const tab = useTab()
  return useCallback(
    (event: MouseEvent) => {
      const { target } = event
      // fields keep the browser's menu, for spelling and paste
      if (event.defaultPrevented || !(target instanceof Element) || target.closest('input, textarea, select, a')) return
      event.preventDefault()
      const screen = screenOf(event, target)
      const end = linkUnder(tab, target)
      if (end) {
        tab.view.setState({ link: end, selection: new Set() })
        openContextMenu({ screen, sections: linkMenu(tab, end) })
        return
      }
      const key = target.closest('.react-flow__node')?.getAttribute('data-id')
      const { selection } = tab.view.getState()
      if (key && !selection.has(key)) tab.view.setState({ selection: new Set([key]), link: undefined })
      const inSelection = target.closest('.react-flow__nodesselection') !== null
      const kind = key ? itemOf(key).kind : inSelection ? 'node' : 'canvas'
      openContextMenu({ screen, sections: menuFor(tab, kind, screen) })
    },
    [tab],
  )
}

/** Position of the menu. With the menu key it is that of the focused element. */
function screenOf({ clientX, clientY, button }: MouseEvent, target: Element): { x: number; y: number } {
  if (button === 2) return { x: clientX, y: clientY }
  const { left, top, width, height } = target.getBoundingClientRect()
  return { x: left + Math.min(width / 2, 120), y: top + Math.min(height / 2, 24) }
}

function linkUnder(tab: Tab, target: Element) {
  const id = target.closest('.react-flow__edge')?.getAttribute('data-id')
  const { graph } = shownIn(tab)
  if (!id || !graph) return undefined
  for (const [end] of linksIn(graph)) if (linkId(end) === id) return end
  return undefined
}
