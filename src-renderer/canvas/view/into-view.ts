import type { Area } from '../../commands/free-spot.ts'

/** The smallest shift of the view that shows a box, or the upper left corner of a box that is too large. */
export const wayIntoView = (box: Area, view: Area): { readonly x: number; readonly y: number } => ({
  x: way(box.x, box.x + box.width, view.x, view.x + view.width),
  y: way(box.y, box.y + box.height, view.y, view.y + view.height),
})

function way(start: number, end: number, low: number, high: number): number {
  if (start < low) return start - low
  return end > high ? Math.min(end - high, start - low) : 0
}
