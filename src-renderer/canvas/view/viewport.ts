import type { ReactFlowInstance } from '@xyflow/react'
import type { Box } from '../../commands/arrange.ts'
import type { ItemKey, Point, Size, Sizes } from '../../store/graph.ts'
import { type Tab, workspace } from '../../store/workspace.ts'
import type { FlowItem, FlowLink } from './flow-types.ts'
import { nodeWidth } from './geometry.ts'
import { wayIntoView } from './into-view.ts'

type Instance = ReactFlowInstance<FlowItem, FlowLink>

interface ShownCanvas {
  readonly instance: Instance
  readonly element: HTMLElement
}

/** The canvas that is shown; there is at most one. */
let shown: ShownCanvas | undefined

/** A canvas says that it is the one; gives back how it takes its leave. */
export function showCanvas(canvas: ShownCanvas): () => void {
  shown = canvas
  return () => {
    if (shown === canvas) shown = undefined
  }
}

/** Nothing moves by itself for those who asked for that. */
const duration = (): number => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 160)

/** How a view is fitted: never larger than life. */
export const fitOptions = { padding: 0.12, maxZoom: 1 } as const

/** Shows everything. */
export const fitView = (): void => void shown?.instance.fitView({ ...fitOptions, duration: duration() })

export const zoomIn = (): void => void shown?.instance.zoomIn({ duration: duration() })
export const zoomOut = (): void => void shown?.instance.zoomOut({ duration: duration() })

/** Shows these items. */
export function centreOn(keys: Iterable<ItemKey>): void {
  const nodes = [...keys].map((id) => ({ id }))
  if (nodes.length > 0) void shown?.instance.fitView({ ...fitOptions, nodes, duration: duration() })
}

/** Shows what lies around a place, as large as it is now. */
export function centreAt([x, y]: Point): void {
  void shown?.instance.setCenter(x, y, { zoom: shown.instance.getZoom() })
}

/** Shows a place of a tab as near as it is now, if the tab is shown and the place is not. */
export function reveal({ id }: Tab, box: Omit<Box, 'key'>): void {
  if (!shown || workspace.getState().active !== id) return
  const { instance, element } = shown
  const { x, y, zoom } = instance.getViewport()
  const edge = 24
  const room = { width: element.clientWidth - 2 * edge, height: element.clientHeight - 2 * edge }
  const drawn = { x: box.x * zoom + x, y: box.y * zoom + y, width: box.width * zoom, height: box.height * zoom }
  const way = wayIntoView(drawn, { x: edge, y: edge, ...room })
  if (way.x === 0 && way.y === 0) return
  void instance.setViewport({ x: x - way.x, y: y - way.y, zoom }, { duration: duration() })
}

/** The place on the canvas below a point of the page. */
export function flowPointOf(screen: { readonly x: number; readonly y: number }): Point {
  const { x, y } = shown?.instance.screenToFlowPosition({ ...screen }, { snapToGrid: false }) ?? { x: 0, y: 0 }
  return [Math.round(x), Math.round(y)]
}

/** The point of the page above a place on the canvas. */
export const screenPointOf = ([x, y]: Point): { x: number; y: number } =>
  shown?.instance.flowToScreenPosition({ x, y }) ?? { x: 0, y: 0 }

/** The point of the page in the middle of the canvas. */
function screenCentre(): { readonly x: number; readonly y: number } {
  const { left, top, width, height } = (shown?.element ?? document.body).getBoundingClientRect()
  return { x: left + width / 2, y: top + height / 2 }
}

/** The place in the middle of what is shown. */
export const canvasCentre = (): Point => flowPointOf(screenCentre())

/** An item of the canvas, as it is drawn. */
export const itemOnCanvas = (key: ItemKey): FlowItem | undefined => shown?.instance.getNode(key)

/** Sizes of what lies on the canvas, as it is drawn. */
export function itemSizes(): Sizes {
  const sizes = new Map<ItemKey, Size>()
  for (const { id, measured } of shown?.instance.getNodes() ?? []) {
    sizes.set(id, { width: measured?.width ?? nodeWidth, height: measured?.height ?? 0 })
  }
  return sizes
}

/** Puts the focus on the canvas, so that its keys work. */
export const focusCanvas = (): void => shown?.element.focus()
