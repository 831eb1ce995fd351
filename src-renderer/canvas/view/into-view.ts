import type { Box } from '../../commands/arrange.ts'

type Area = Omit<Box, 'key'>

/** How far the view has to go so that a box is seen: as little as can be; of one too large the upper left corner counts. */
export const wayIntoView = (box: Area, view: Area): { readonly x: number; readonly y: number } => ({
  x: way(box.x, box.x + box.width, view.x, view.x + view.width),
  y: way(box.y, box.y + box.height, view.y, view.y + view.height),
})

function way(start: number, end: number, low: number, high: number): number {
  if (start < low) return start - low
  return end > high ? Math.min(end - high, start - low) : 0
}
