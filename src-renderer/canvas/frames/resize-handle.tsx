import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import { gridSize, snapped } from '../../commands/grid.ts'
import type { Point, Size } from '../../store/graph.ts'
import { flowPointOf } from '../view/viewport.ts'
import styles from './resize-handle.module.css'

interface ResizeHandleProps {
  readonly label: string
  /** The drawn size, read at the start of a resize. */
  readonly size: () => Size
  readonly min: Size
  /** Called with the size during a resize, and with undefined at its end. */
  readonly onPreview: (size: Size | undefined) => void
  readonly onResize: (size: Size) => void
}

/** The change of size for each arrow key. */
const arrows: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** Handle for resizing a frame or a note by dragging or by arrow keys (faster with Shift). */
export function ResizeHandle({ label, size, min, onPreview, onResize }: ResizeHandleProps) {
  const drag = useRef<{ readonly from: Point; readonly size: Size; to?: Size }>(undefined)
  const clamped = (width: number, height: number): Size => ({
    width: Math.max(min.width, snapped(width)),
    height: Math.max(min.height, snapped(height)),
  })
  const onPointerDown = (event: PointerEvent<HTMLButtonElement>): void => {
    if (event.button !== 0) return
    event.stopPropagation()
    event.currentTarget.setPointerCapture(event.pointerId)
    drag.current = { from: pointOf(event), size: size() }
  }
  const onPointerMove = (event: PointerEvent): void => {
    const held = drag.current
    if (!held) return
    const [x, y] = pointOf(event)
    held.to = clamped(held.size.width + x - held.from[0], held.size.height + y - held.from[1])
    onPreview(held.to)
  }
  const end = (keep: boolean): void => {
    const { to } = drag.current ?? {}
    drag.current = undefined
    onPreview(undefined)
    if (keep && to) onResize(to)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && drag.current) end(false)
    const [x, y] = arrows[event.key] ?? []
    if (x === undefined || y === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const by = gridSize * (event.shiftKey ? 8 : 1)
    const { width, height } = size()
    onResize(clamped(width + x * by, height + y * by))
  }
  return (
    <button
      type="button"
      className={`${styles.handle} nodrag nopan`}
      aria-label={label}
      title={label}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => end(true)}
      onPointerCancel={() => end(false)}
      onKeyDown={onKeyDown}
    />
  )
}

const pointOf = ({ clientX, clientY }: PointerEvent): Point => flowPointOf({ x: clientX, y: clientY })
