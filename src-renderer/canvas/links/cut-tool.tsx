import { type PointerEvent, useState } from 'react'
import { disconnect } from '../../commands/links.ts'
import { commitTo, useLevel, useTab } from '../../store/context.ts'
import type { LinkEnd, Point } from '../../store/graph.ts'
import { flowPointOf } from '../view/viewport.ts'
import styles from './cut-tool.module.css'
import { linkId } from './flow-links.ts'
import { linksAcross } from './link-geometry.ts'

type Line = readonly Point[]

/** Whether a press starts a cut: Ctrl with the right button, or Ctrl+Shift. */
const isCut = ({ button, ctrlKey, metaKey, shiftKey }: PointerEvent): boolean =>
  (ctrlKey || metaKey) && (button === 2 || (button === 0 && shiftKey))

/** Draws a line with the pointer and removes the links that it crosses. */
export function useCutTool() {
  const tab = useTab()
  const level = useLevel()
  const [line, setLine] = useState<Line>()
  return {
    line,
    handlers: {
      onPointerDownCapture: (event: PointerEvent<HTMLElement>) => {
        if (!isCut(event)) return
        event.stopPropagation()
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
        setLine([[event.clientX, event.clientY]])
      },
      onPointerMoveCapture: (event: PointerEvent<HTMLElement>) => {
        if (!line) return
        event.stopPropagation()
        setLine([...line, [event.clientX, event.clientY]])
      },
      onPointerUpCapture: (event: PointerEvent<HTMLElement>) => {
        if (!line) return
        event.stopPropagation()
        event.currentTarget.releasePointerCapture(event.pointerId)
        setLine(undefined)
        const places = line.map(([x, y]) => flowPointOf({ x, y }))
        const cut = new Map<string, LinkEnd>()
        for (const [index, to] of places.entries()) {
          const from = places[index - 1]
          for (const end of from ? linksAcross(tab, level, from, to) : []) cut.set(linkId(end), end)
        }
        if (cut.size > 0) commitTo(tab, disconnect(tab.document.getState().workflow, level, [...cut.values()]))
      },
      onContextMenuCapture: (event: { ctrlKey: boolean; preventDefault(): void; stopPropagation(): void }) => {
        if (!event.ctrlKey) return
        event.preventDefault()
        event.stopPropagation()
      },
      onMouseDownCapture: (event: { nativeEvent: MouseEvent; stopPropagation(): void }) => {
        const { button, ctrlKey, metaKey, shiftKey } = event.nativeEvent
        if ((ctrlKey || metaKey) && (button === 2 || (button === 0 && shiftKey))) event.stopPropagation()
      },
    },
  }
}

/** The line of the current cut. */
export const CutLine = ({ line }: { readonly line: Line }) => (
  <svg className={styles.cut} aria-hidden="true">
    <polyline points={line.map((point) => point.join(',')).join(' ')} />
  </svg>
)
