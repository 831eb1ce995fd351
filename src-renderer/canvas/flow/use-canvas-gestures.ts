import { type KeyboardEvent, type MouseEvent, useCallback, useMemo, useState } from 'react'
import { gridSize } from '../../commands/grid.ts'
import { moveItems } from '../../commands/nodes.ts'
import { commitTo, useTab } from '../../store/context.ts'
import { type ItemKey, itemIn, type Point } from '../../store/graph.ts'
import { shownIn } from '../../store/shown.ts'
import type { Tab } from '../../store/workspace.ts'
import { t } from '../../strings/t.ts'
import { removeLink } from '../links/remove-link.ts'
import { openNodeSearch } from '../search/open.ts'

const arrows: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** Moves the selection by one grid step, or by one pixel if `fine`. Returns the first item's new position as text. */
function nudge(tab: Tab, [x, y]: Point, fine: boolean): string {
  const { workflow, level, graph } = shownIn(tab)
  const step = fine ? 1 : gridSize
  const positions = new Map<ItemKey, Point>()
  for (const key of tab.view.getState().selection) {
    const at = itemIn(graph, key)?.at
    if (at) positions.set(key, [at[0] + x * step, at[1] + y * step])
  }
  commitTo(tab, moveItems(workflow, level, positions, `nudge ${[...positions.keys()].join(' ')}`))
  const [first] = positions.values()
  return first ? t('canvas.view.moved', { x: first[0], y: first[1] }) : ''
}

/** Selects the focused item. With `add`, keeps the other selected items and toggles this one. */
function selectFocused({ view }: Tab, key: ItemKey, add: boolean): void {
  const selection = new Set(add ? view.getState().selection : [])
  if (add && selection.has(key)) selection.delete(key)
  else selection.add(key)
  view.setState({ selection, link: undefined })
}

/** The focused item, if the focus is not on a control inside it. */
const focusedItem = ({ target }: KeyboardEvent): ItemKey | undefined =>
  target instanceof HTMLElement && target.classList.contains('react-flow__node') ? target.dataset.id : undefined

/** Focuses the selected or first node. From there Tab moves on; on the canvas itself it adds a node. */
function focusNode(canvas: Element): void {
  const node = canvas.querySelector('.react-flow__node.selected') ?? canvas.querySelector('.react-flow__node')
  if (node instanceof HTMLElement) node.focus({ preventScroll: true })
}

/** Whether a control on the canvas uses the key press. */
const isForControl = ({ target, currentTarget }: KeyboardEvent): boolean =>
  target !== currentTarget &&
  target instanceof Element &&
  target.closest('input, textarea, select, [contenteditable]') !== null

/** Handlers for keys and clicks on the canvas. */
export function useCanvasGestures() {
  const tab = useTab()
  const [moved, setMoved] = useState('')
  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      const { key, shiftKey, ctrlKey, metaKey, altKey } = event
      if (ctrlKey || metaKey || altKey || event.defaultPrevented || isForControl(event)) return
      const { selection, link } = tab.view.getState()
      const arrow = arrows[key]
      const item = focusedItem(event)
      if (arrow && selection.size > 0) setMoved(nudge(tab, arrow, shiftKey))
      else if (item !== undefined && (key === 'Enter' || key === ' ')) selectFocused(tab, item, shiftKey)
      else if ((key === 'Delete' || key === 'Backspace') && link && selection.size === 0) {
        removeLink(tab, link)
      } else if (key === 'Enter' && event.target === event.currentTarget) {
        focusNode(event.currentTarget)
      } else if (key === 'Escape') {
        tab.view.setState({ selection: new Set(), link: undefined })
        return
      } else return
      event.preventDefault()
    },
    [tab],
  )
  return useMemo(
    () => ({
      moved,
      tabIndex: 0,
      onKeyDown,
      onDoubleClick: (event: MouseEvent) => {
        const { target, clientX: x, clientY: y } = event
        if (target instanceof Element && target.classList.contains('react-flow__pane')) openNodeSearch({ x, y })
      },
    }),
    [moved, onKeyDown],
  )
}
