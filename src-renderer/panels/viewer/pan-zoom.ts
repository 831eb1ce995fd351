/** How a picture lies in its frame: a scale over "whole picture visible", and a shift in frames' widths and heights. */
export interface PanZoom {
  readonly scale: number
  readonly x: number
  readonly y: number
}

export const whole: PanZoom = { scale: 1, x: 0, y: 0 }

const maxScale = 32

/**
 * Zooms while a point stays where it is.
 * @param at the point, from the middle of the frame, as parts of its width and height
 */
export function zoomed(
  { scale, x, y }: PanZoom,
  factor: number,
  at: { x: number; y: number } = { x: 0, y: 0 },
): PanZoom {
  const next = Math.min(maxScale, Math.max(1, scale * factor))
  const grown = next / scale
  return kept({ scale: next, x: at.x - (at.x - x) * grown, y: at.y - (at.y - y) * grown })
}

export const panned = ({ scale, x, y }: PanZoom, dx: number, dy: number): PanZoom =>
  kept({ scale, x: x + dx, y: y + dy })

/** The picture never leaves its frame altogether. */
function kept({ scale, x, y }: PanZoom): PanZoom {
  const room = (scale - 1) / 2
  const clamp = (shift: number) => Math.min(room, Math.max(-room, shift))
  return { scale, x: clamp(x), y: clamp(y) }
}
