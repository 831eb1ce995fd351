import { type Graph, noteKey, type Point, type Size, type Sizes } from '../store/graph.ts'
import { type Box, boxesOf } from './arrange.ts'
import { onGrid, snapped } from './grid.ts'

export type Area = Omit<Box, 'key'>

/** Minimum distance to other items at the wanted place. */
const nearest = 16

/** Gap to an item that was avoided. */
const gap = 48

/** Maximum number of places to try. */
const maxTries = 2000

/** Assumed size of a node of unknown size. */
export const usualNode: Size = { width: 232, height: 240 }
export const usualNote: Size = { width: 240, height: 96 }

/**
 * A free place for a new item: the wanted place, or else right of `beside`, or else the nearest free place.
 * @param boxes what must not be covered
 */
export function freeSpot(boxes: readonly Area[], wanted: Point, size: Size, beside?: Area): Point {
  const start = onGrid(wanted)
  if (!coveredBy(boxes, start, size, nearest)) return start
  const right: Point | undefined = beside && [up(beside.x + beside.width + gap), down(beside.y)]
  if (right && !coveredBy(boxes, right, size, gap)) return right
  const far = ([x, y]: Point): number => Math.hypot(x - start[0], y - start[1])
  const tried = new Set<string>()
  const open: Point[] = [start]
  while (tried.size < maxTries) {
    const next = open.reduce<Point | undefined>((near, at) => (near && far(near) <= far(at) ? near : at), undefined)
    if (!next) break
    open.splice(open.indexOf(next), 1)
    if (tried.has(next.join())) continue
    tried.add(next.join())
    const box = coveredBy(boxes, next, size, gap)
    if (!box) return next
    open.push(...around(box, next, size).filter((at) => !tried.has(at.join())))
  }
  return [start[0], up(Math.max(...boxes.map(({ y, height }) => y + height)) + gap)]
}

/** Maximum number of boxes among which a place within an area is sought. */
const maxWithin = 64

/**
 * The free place within an area that is nearest to the wanted one. Undefined if there is none.
 * @param boxes what must not be covered
 */
export function freeSpotWithin(boxes: readonly Area[], wanted: Point, size: Size, area: Area): Point | undefined {
  const [left, top] = [up(area.x), up(area.y)]
  const [right, bottom] = [down(area.x + area.width - size.width), down(area.y + area.height - size.height)]
  const near = boxes.filter((box) => meets(area, box, gap))
  if (right < left || bottom < top || near.length > maxWithin) return undefined
  const [x, y] = onGrid(wanted)
  const start: Point = [Math.min(right, Math.max(left, x)), Math.min(bottom, Math.max(top, y))]
  if (!coveredBy(near, start, size, nearest)) return start
  // of all free places, the nearest touches its start or the room around a box in each direction
  const columns = [start[0], ...near.flatMap((box) => [down(box.x - gap - size.width), up(box.x + box.width + gap)])]
  const rows = [start[1], ...near.flatMap((box) => [down(box.y - gap - size.height), up(box.y + box.height + gap)])]
  return columns
    .filter((column) => column >= left && column <= right)
    .flatMap((column) => rows.filter((row) => row >= top && row <= bottom).map((row): Point => [column, row]))
    .sort((a, b) => Math.hypot(a[0] - x, a[1] - y) - Math.hypot(b[0] - x, b[1] - y))
    .find((at) => !coveredBy(near, at, size, gap))
}

/** The places right of, below, left of and above a box. */
const around = (box: Area, [x, y]: Point, { width, height }: Size): Point[] => [
  [up(box.x + box.width + gap), y],
  [x, up(box.y + box.height + gap)],
  [down(box.x - gap - width), y],
  [x, down(box.y - gap - height)],
]

/** A box that an item would cover, or come nearer to than `room`. */
const coveredBy = (boxes: readonly Area[], [x, y]: Point, size: Size, room: number): Area | undefined =>
  boxes.find((box) => meets({ x, y, ...size }, box, room))

/** Whether two areas are nearer to each other than `room`. */
const meets = (a: Area, b: Area, room: number): boolean =>
  a.x < b.x + b.width + room && b.x < a.x + a.width + room && a.y < b.y + b.height + room && b.y < a.y + a.height + room

const up = (value: number): number => snapped(value, Math.ceil)
const down = (value: number): number => snapped(value, Math.floor)

/** The items that new items must not cover: nodes and notes. Frames are meant to contain items. */
export function obstaclesIn(graph: Graph | undefined, sizes: Sizes): Box[] {
  const nodes = boxesOf(graph, Object.keys(graph?.nodes ?? {}), sizes)
  const notes = boxesOf(
    graph,
    (graph?.notes ?? []).map((_, index) => noteKey(index)),
    sizes,
  )
  return [...nodes.map((box) => sized(box, usualNode)), ...notes.map((box) => sized(box, usualNote))]
}

const sized = (box: Box, { width, height }: Size): Box => ({
  ...box,
  width: box.width || width,
  height: box.height || height,
})
