import { type PointerEvent, useRef } from 'react'
import { dragged, type NumberRange, type Pace, paceOf } from './number.ts'

/** Maximum movement of a click in pixels. */
const slop = 3

interface Drag {
  readonly from: number
  readonly value: number
  readonly pace: Pace
  readonly moving: boolean
}

interface NumberDrag {
  readonly value: number
  readonly range: NumberRange
  change(value: number): void
  /** Called at the start and end of a drag, which is one undo step. */
  end(): void
}

/** Changes a number by horizontal dragging on its field. A click starts typing. */
export function useNumberDrag({ value, range, change, end }: NumberDrag) {
  const drag = useRef<Drag>(undefined)

  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0 || event.target === document.activeElement) return
    drag.current = { from: event.clientX, value, pace: paceOf(event), moving: false }
  }
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (event.buttons !== 1) drag.current = undefined
    const { current } = drag
    if (!current || !Number.isFinite(value)) return
    const pixels = event.clientX - current.from
    if (!current.moving) {
      if (Math.abs(pixels) <= slop) return
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
      event.currentTarget.setPointerCapture(event.pointerId)
      end()
      drag.current = { ...current, from: event.clientX, moving: true }
    } else if (paceOf(event) !== current.pace) {
      drag.current = { from: event.clientX, value, pace: paceOf(event), moving: true }
    } else {
      const next = dragged(current.value, pixels, current.pace, range)
      if (next !== value) change(next)
    }
  }
  const onPointerUp = (event: PointerEvent<HTMLElement>) => {
    const { current } = drag
    drag.current = undefined
    if (current?.moving) end()
    else if (current && event.target instanceof HTMLInputElement) {
      event.target.focus()
      event.target.select()
    }
  }
  return { onPointerDown, onPointerMove, onPointerUp }
}
