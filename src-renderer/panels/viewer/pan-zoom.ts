/** Pan and zoom: scale 1 shows the whole picture; shifts are fractions of the frame's width and height. */
export interface PanZoom {
  readonly scale: number
  readonly x: number
  readonly y: number
}

export const whole: PanZoom = { scale: 1, x: 0, y: 0 }

const maxScale = 32

/**
 * Zooms around a fixed point.
 * @param at the point relative to the centre of the frame, in fractions of its width and height
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

/** Limits the shift, so that the picture stays in its frame. */
function kept({ scale, x, y }: PanZoom): PanZoom {
  const room = (scale - 1) / 2
  const clamp = (shift: number) => Math.min(room, Math.max(-room, shift))
  return { scale, x: clamp(x), y: clamp(y) }
}
