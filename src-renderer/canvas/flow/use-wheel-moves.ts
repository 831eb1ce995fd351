import { type RefObject, useEffect } from 'react'
import { settings } from '../../store/settings.ts'
import { moveView } from '../view/viewport.ts'
import { createWheelWatch } from '../view/wheel-device.ts'

/**
 * Moves the view by two fingers on a trackpad, or by any wheel if the settings say so. All else is a zoom, and React
 * Flow's own: a mouse wheel, and a pinch, which browsers report as a wheel with Ctrl.
 */
export function useWheelMoves(canvas: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const deviceOf = createWheelWatch()
    const onWheel = (event: WheelEvent): void => {
      const device = deviceOf(event)
      const { wheel } = settings.getState()
      const moves = wheel === 'automatic' ? device === 'trackpad' : wheel === 'moves'
      if (!moves || event.ctrlKey || event.metaKey || !isOnCanvas(event)) return
      event.preventDefault()
      event.stopPropagation()
      const { x, y } = pixelsOf(event)
      moveView([-x, -y])
    }
    // before React Flow, which listens below
    element.addEventListener('wheel', onWheel, { passive: false, capture: true })
    return () => element.removeEventListener('wheel', onWheel, { capture: true })
  }, [canvas])
}

/** Pixels of a line, where a browser counts lines. */
const line = 20

/** The way of a wheel in pixels. With Shift, a wheel that turns in one direction moves sideways. */
function pixelsOf({ deltaX, deltaY, deltaMode, shiftKey }: WheelEvent): { readonly x: number; readonly y: number } {
  const unit = deltaMode === 0 ? 1 : line
  return shiftKey && deltaX === 0 ? { x: deltaY * unit, y: 0 } : { x: deltaX * unit, y: deltaY * unit }
}

/** Whether the wheel is for the canvas: not for a field with the focus, and not for what lies above the canvas. */
const isOnCanvas = ({ target }: Event): boolean =>
  target instanceof Element && target.closest('.react-flow__renderer') !== null && target.closest('.nowheel') === null
