import type { Point } from '../../store/graph.ts'

/** A cubic curve: start, two control points, end. */
type Segment = readonly [Point, Point, Point, Point]

/** The line of a link: one segment between each two consecutive points. */
export type LinkCurve = readonly Segment[]

/** Links start to the right and end from the left. They run horizontally through their points. */
export function linkCurve(points: readonly Point[]): LinkCurve {
  const last = points.length - 1
  const heading = points.map((_, index): number => {
    if (index === 0 || index === last) return 1
    return Math.sign((points[index + 1]?.[0] ?? 0) - (points[index - 1]?.[0] ?? 0)) || 1
  })
  const segments: Segment[] = []
  for (const [index, from] of points.entries()) {
    const to = points[index + 1]
    if (to === undefined) break
    const reach = reachBetween(from, to)
    segments.push([
      from,
      [from[0] + (heading[index] ?? 1) * reach, from[1]],
      [to[0] - (heading[index + 1] ?? 1) * reach, to[1]],
      to,
    ])
  }
  return segments
}

/** Maximum distance of control points. */
export const reachMost = 160

/** Distance of the control points. A line back to the left makes a wide turn instead of crossing the nodes. */
function reachBetween([x1, y1]: Point, [x2, y2]: Point): number {
  const across = x2 - x1
  if (across >= 0) return Math.max(across / 2, Math.min(40, Math.abs(y2 - y1) / 2))
  return Math.min(reachMost, 40 + Math.sqrt(-across) * 6)
}

/** The curve as the `d` of an SVG path. */
export function curvePath(curve: LinkCurve): string {
  const start = curve[0]?.[0]
  if (!start) return ''
  return `M${start.join(',')}${curve.map(([, b, c, d]) => `C${b.join(',')} ${c.join(',')} ${d.join(',')}`).join('')}`
}

function pointOn([a, b, c, d]: Segment, t: number): Point {
  const s = 1 - t
  const at = (axis: 0 | 1): number =>
    s * s * s * a[axis] + 3 * s * s * t * b[axis] + 3 * s * t * t * c[axis] + t * t * t * d[axis]
  return [at(0), at(1)]
}

/** The middle of the line. */
export function curveMiddle(curve: LinkCurve): Point {
  const middle = curve[Math.floor(curve.length / 2)]
  if (!middle) return [0, 0]
  return curve.length % 2 === 1 ? pointOn(middle, 0.5) : middle[0]
}

const samples = 16

/** The curve as straight pieces, each with its segment. */
function* pieces(curve: LinkCurve): Generator<readonly [segment: number, from: Point, to: Point]> {
  for (const [index, segment] of curve.entries()) {
    let from = segment[0]
    for (let step = 1; step <= samples; step++) {
      const to = pointOn(segment, step / samples)
      yield [index, from, to]
      from = to
    }
  }
}

/** The segment of the curve nearest to a point, and its distance. */
export function nearestSegment(
  curve: LinkCurve,
  point: Point,
): { readonly segment: number; readonly distance: number } {
  let nearest = { segment: 0, distance: Number.POSITIVE_INFINITY }
  for (const [segment, from, to] of pieces(curve)) {
    const distance = distanceTo(from, to, point)
    if (distance < nearest.distance) nearest = { segment, distance }
  }
  return nearest
}

function distanceTo([x1, y1]: Point, [x2, y2]: Point, [x, y]: Point): number {
  const [dx, dy] = [x2 - x1, y2 - y1]
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length))
  return Math.hypot(x1 + t * dx - x, y1 + t * dy - y)
}

/** Whether a straight line crosses the curve. */
export function crosses(curve: LinkCurve, from: Point, to: Point): boolean {
  for (const [, a, b] of pieces(curve)) if (intersect(a, b, from, to)) return true
  return false
}

/** Whether the path a, b, c turns right or is straight. */
const isRight = ([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): boolean =>
  (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) >= 0

const intersect = (a: Point, b: Point, c: Point, d: Point): boolean =>
  isRight(a, b, c) !== isRight(a, b, d) && isRight(c, d, a) !== isRight(c, d, b)

/** Whether the curve runs through a rectangle. */
export function runsThrough(curve: LinkCurve, [x, y]: Point, [width, height]: Point): boolean {
  for (const [, , [px, py]] of pieces(curve)) {
    if (px > x && px < x + width && py > y && py < y + height) return true
  }
  return false
}
