import type { FlowItem } from '../view/flow-types.ts'
import type { Seen } from './flow-adapter.ts'

/** The map's position on the canvas (of its upper left corner) and its scale. */
export interface MapView {
  readonly left: number
  readonly top: number
  readonly scale: number
}

/** The view that contains all items and the visible part. */
export function mapView(items: readonly FlowItem[], seen: Seen, width: number, height: number): MapView {
  let [left, top, right, bottom] = [seen.x, seen.y, seen.x + seen.width, seen.y + seen.height]
  for (const { position, measured } of items) {
    left = Math.min(left, position.x)
    top = Math.min(top, position.y)
    right = Math.max(right, position.x + (measured?.width ?? 0))
    bottom = Math.max(bottom, position.y + (measured?.height ?? 0))
  }
  const scale = Math.min(width / (right - left), height / (bottom - top)) * 0.92
  return {
    left: (left + right) / 2 - width / scale / 2,
    top: (top + bottom) / 2 - height / scale / 2,
    scale,
  }
}

/** Paints the items as boxes, and a frame around the visible part. */
export function paintMap(canvas: HTMLCanvasElement, items: readonly FlowItem[], seen: Seen, view: MapView): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const style = getComputedStyle(canvas)
  const colour = (name: string): string => style.getPropertyValue(name)
  const { left, top, scale } = view
  const ratio = canvas.width / canvas.clientWidth
  context.setTransform(scale * ratio, 0, 0, scale * ratio, -left * scale * ratio, -top * scale * ratio)
  context.clearRect(left, top, canvas.width / scale, canvas.height / scale)
  const fills: Record<NonNullable<FlowItem['type']>, string> = {
    frame: colour('--surface-raised'),
    node: colour('--line-strong'),
    note: colour('--warning'),
  }
  const chosen = colour('--selection')
  for (const { type, position, measured, selected } of items) {
    context.fillStyle = selected && type !== 'frame' ? chosen : fills[type ?? 'node']
    context.fillRect(position.x, position.y, measured?.width ?? 0, measured?.height ?? 0)
  }
  context.strokeStyle = colour('--accent')
  context.lineWidth = 1.5 / scale
  context.strokeRect(seen.x, seen.y, seen.width, seen.height)
}
