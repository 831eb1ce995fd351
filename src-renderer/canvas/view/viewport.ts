import type { ReactFlowInstance } from '@xyflow/react'
import type { Area } from '../../commands/free-spot.ts'
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

/** The shown canvas; at most one. */
let shown: ShownCanvas | undefined

/** Registers the shown canvas. Returns a function that unregisters it. */
export function showCanvas(canvas: ShownCanvas): () => void {
  shown = canvas
  return () => {
    if (shown === canvas) shown = undefined
  }
}

/** Duration of animations; 0 if the user prefers reduced motion. */
const duration = (): number => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 160)

/** Options for fitting the view. It never zooms in above 1. */
export const fitOptions = { padding: 0.12, maxZoom: 1 } as const

/** Fits all items into view. */
export const fitView = (): void => void shown?.instance.fitView({ ...fitOptions, duration: duration() })

export const zoomIn = (): void => void shown?.instance.zoomIn({ duration: duration() })
export const zoomOut = (): void => void shown?.instance.zoomOut({ duration: duration() })

/** Fits these items into view. */
export function centreOn(keys: Iterable<ItemKey>): void {
  const nodes = [...keys].map((id) => ({ id }))
  if (nodes.length > 0) void shown?.instance.fitView({ ...fitOptions, nodes, duration: duration() })
}

/** Centres the view at a position without a change of zoom. */
export function centreAt([x, y]: Point): void {
  void shown?.instance.setCenter(x, y, { zoom: shown.instance.getZoom() })
}

/** Moves the view by a way on the screen in pixels. */
export function moveView([dx, dy]: Point): void {
  if (!shown) return
  const { x, y, zoom } = shown.instance.getViewport()
  void shown.instance.setViewport({ x: x + dx, y: y + dy, zoom })
}

/** Width of the edge of the view, in pixels of the page, that counts as outside. */
const edge = 24

/** The shown canvas, if it is that of a tab. */
const shownOf = ({ id }: Tab): ShownCanvas | undefined => (workspace.getState().active === id ? shown : undefined)

/** The visible part of a tab's canvas without its edge. Undefined if the tab is not shown. */
export function viewOf(tab: Tab): Area | undefined {
  const canvas = shownOf(tab)
  if (!canvas) return undefined
  const { left, top, right, bottom } = canvas.element.getBoundingClientRect()
  return areaOf({ left: left + edge, top: top + edge, right: right - edge, bottom: bottom - edge })
}

/** What lies over a tab's canvas, such as the minimap. */
export function overlaysOf(tab: Tab): Area[] {
  const overlays = shownOf(tab)?.element.parentElement?.querySelectorAll('[data-overlay]') ?? []
  return [...overlays]
    .filter((overlay) => overlay.checkVisibility())
    .map((overlay) => areaOf(overlay.getBoundingClientRect()))
}

/** A box of the page in canvas coordinates. */
function areaOf({ left, top, right, bottom }: Pick<DOMRect, 'left' | 'top' | 'right' | 'bottom'>): Area {
  const [x, y] = flowPointOf({ x: left, y: top })
  const [endX, endY] = flowPointOf({ x: right, y: bottom })
  return { x, y, width: endX - x, height: endY - y }
}

/** Scrolls to a box of the shown tab if it is outside the view, without a change of zoom. */
export function reveal(tab: Tab, box: Area): void {
  const canvas = shownOf(tab)
  if (!canvas) return
  const { instance, element } = canvas
  const { x, y, zoom } = instance.getViewport()
  const room = { width: element.clientWidth - 2 * edge, height: element.clientHeight - 2 * edge }
  const drawn = { x: box.x * zoom + x, y: box.y * zoom + y, width: box.width * zoom, height: box.height * zoom }
  const way = wayIntoView(drawn, { x: edge, y: edge, ...room })
  if (way.x === 0 && way.y === 0) return
  void instance.setViewport({ x: x - way.x, y: y - way.y, zoom }, { duration: duration() })
}

/** Converts a point of the page to canvas coordinates. */
export function flowPointOf(screen: { readonly x: number; readonly y: number }): Point {
  const { x, y } = shown?.instance.screenToFlowPosition({ ...screen }, { snapToGrid: false }) ?? { x: 0, y: 0 }
  return [Math.round(x), Math.round(y)]
}

/** Converts canvas coordinates to a point of the page. */
export const screenPointOf = ([x, y]: Point): { x: number; y: number } =>
  shown?.instance.flowToScreenPosition({ x, y }) ?? { x: 0, y: 0 }

/** The centre of the canvas in page coordinates. */
function screenCentre(): { readonly x: number; readonly y: number } {
  const { left, top, width, height } = (shown?.element ?? document.body).getBoundingClientRect()
  return { x: left + width / 2, y: top + height / 2 }
}

/** The centre of the view in canvas coordinates. */
export const canvasCentre = (): Point => flowPointOf(screenCentre())

/** The drawn item with this key. */
export const itemOnCanvas = (key: ItemKey): FlowItem | undefined => shown?.instance.getNode(key)

/** Drawn sizes of the canvas's items. */
export function itemSizes(): Sizes {
  const sizes = new Map<ItemKey, Size>()
  for (const { id, measured } of shown?.instance.getNodes() ?? []) {
    sizes.set(id, { width: measured?.width ?? nodeWidth, height: measured?.height ?? 0 })
  }
  return sizes
}

/** Focuses the canvas, so that its keys work. */
export const focusCanvas = (): void => shown?.element.focus()
