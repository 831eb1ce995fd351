import { type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import styles from './popover.module.css'

/** Gap to the anchor and to the edges of the window. */
const gap = 4
const leastWidth = 320

interface PopoverProps {
  readonly anchor: RefObject<HTMLElement | null>
  readonly label: string
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A panel next to its anchor. Escape and a click outside close it. Its size does not depend on the canvas's zoom. */
export function Popover({ anchor, label, onClose, children }: PopoverProps) {
  const panel = useRef<HTMLDivElement>(null)
  // children may scroll or focus on mount, which works only when they are visible
  const [shown, setShown] = useState(false)
  useLayoutEffect(() => {
    const element = panel.current
    const box = anchor.current?.getBoundingClientRect()
    if (!element || !box) return
    const width = Math.max(leastWidth, box.width)
    const below = innerHeight - box.bottom
    element.style.width = `${width}px`
    element.style.left = `${Math.max(gap, Math.min(box.left, innerWidth - width - gap))}px`
    if (below >= box.top) element.style.top = `${box.bottom + gap}px`
    else element.style.bottom = `${innerHeight - box.top + gap}px`
    element.style.maxHeight = `${Math.max(below, box.top) - 2 * gap}px`
    element.showPopover()
    setShown(true)
  }, [anchor])
  return createPortal(
    <div
      ref={panel}
      popover="auto"
      role="dialog"
      aria-label={label}
      className={styles.popover}
      onToggle={({ newState }) => newState === 'closed' && onClose()}
      // otherwise React passes these events to the node, which moves with the arrow keys
      onKeyDown={(event) => event.stopPropagation()}
      onPointerDown={(event) => event.stopPropagation()}
    >
      {shown && children}
    </div>,
    document.body,
  )
}
