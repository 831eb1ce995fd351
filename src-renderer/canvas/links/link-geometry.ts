import { isLink } from '#core/workflow/document.ts'
import { valueAt } from '../../commands/edit.ts'
import { commitTo } from '../../store/context.ts'
import { type Graph, graphAt, type ItemKey, type Level, type LinkEnd, linksIn, type Point } from '../../store/graph.ts'
import type { Tab } from '../../store/workspace.ts'
import type { FlowItem } from '../view/flow-types.ts'
import { itemOnCanvas } from '../view/viewport.ts'
import { addVia } from './add-via.ts'
import { crosses, linkCurve, nearestSegment, reachMost, runsThrough } from './link-curve.ts'

interface DrawnLink {
  readonly end: LinkEnd
  readonly source: string
  /** All points of the line. */
  readonly points: readonly Point[]
}

/** The drawn links of a graph. */
function* drawnLinks(graph: Graph): Generator<DrawnLink> {
  for (const [end, { link, via }] of linksIn(graph)) {
    const from = portPoint(itemOnCanvas(link[0]), 'source', link[1])
    const to = portPoint(itemOnCanvas(end.node), 'target', end.input)
    if (from && to) yield { end, source: link[0], points: [from, ...(via ?? []), to] }
  }
}

/** The position at which links connect to a port. */
export function portPoint(item: FlowItem | undefined, type: 'source' | 'target', id: string): Point | undefined {
  const handle = item?.handles?.find((other) => other.type === type && other.id === id)
  if (!item || !handle) return undefined
  const { width = 0, height = 0 } = handle
  return [item.position.x + handle.x + (type === 'source' ? width : 0), item.position.y + handle.y + height / 2]
}

/** Fast check whether a line through these points may touch a rectangle. */
function mayTouch(points: readonly Point[], [left, top]: Point, [right, bottom]: Point): boolean {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
  return (
    Math.min(...xs) - reachMost < right &&
    Math.max(...xs) + reachMost > left &&
    Math.min(...ys) <= bottom &&
    Math.max(...ys) >= top
  )
}

/** The links that a straight line crosses. */
export function linksAcross(tab: Tab, level: Level, from: Point, to: Point): LinkEnd[] {
  const graph = graphAt(tab.document.getState().workflow, level)
  if (!graph) return []
  const corner: Point = [Math.min(from[0], to[0]), Math.min(from[1], to[1])]
  const other: Point = [Math.max(from[0], to[0]), Math.max(from[1], to[1])]
  return [...drawnLinks(graph)]
    .filter(({ points }) => mayTouch(points, corner, other) && crosses(linkCurve(points), from, to))
    .map(({ end }) => end)
}

/** The links that a node at `at` would cover, nearest to its centre first. */
export function linksBelow(tab: Tab, level: Level, node: ItemKey, at: Point): LinkEnd[] {
  const graph = graphAt(tab.document.getState().workflow, level)
  const { width = 0, height = 0 } = itemOnCanvas(node)?.measured ?? {}
  const corner: Point = [at[0] + width, at[1] + height]
  const middle: Point = [at[0] + width / 2, at[1] + height / 2]
  if (!graph) return []
  return [...drawnLinks(graph)]
    .filter(({ end, source, points }) => end.node !== node && source !== node && mayTouch(points, at, corner))
    .map(({ end, points }) => ({ end, curve: linkCurve(points) }))
    .filter(({ curve }) => runsThrough(curve, at, [width, height]))
    .map(({ end, curve }) => ({ end, distance: nearestSegment(curve, middle).distance }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ end }) => end)
}

/** Adds a point to a link at the clicked position. */
export function addPointAt(tab: Tab, level: Level, end: LinkEnd, point: Point): void {
  const { workflow } = tab.document.getState()
  const link = valueAt(workflow, level, end)
  if (link === undefined || !isLink(link)) return
  const via = link.via ?? []
  const from = portPoint(itemOnCanvas(link.link[0]), 'source', link.link[1])
  const to = portPoint(itemOnCanvas(end.node), 'target', end.input)
  if (from && to) commitTo(tab, addVia(workflow, level, end, via, linkCurve([from, ...via, to]), point))
}
