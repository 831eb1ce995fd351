import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Point } from '../../store/graph.ts'
import { crosses, curveMiddle, curvePath, linkCurve, nearestSegment, reachMost, runsThrough } from './link-curve.ts'

const point = fc.tuple(fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: -2000, max: 2000 }))
const points = fc.array(point, { minLength: 2, maxLength: 6 })

describe('linkCurve', () => {
  it('runs through every point, out to the right and in from the left', () => {
    fc.assert(
      fc.property(points, (through) => {
        const curve = linkCurve(through)
        expect(curve).toHaveLength(through.length - 1)
        expect([...curve.map(([start]) => start), curve.at(-1)?.[3]]).toEqual(through)
        const [start, leaving] = curve[0] ?? []
        const [, , arriving, end] = curve.at(-1) ?? []
        expect(leaving?.[0]).toBeGreaterThanOrEqual(start?.[0] ?? 0)
        expect(arriving?.[0]).toBeLessThanOrEqual(end?.[0] ?? 0)
      }),
    )
  })

  it('never swings out farther than it says', () => {
    fc.assert(
      fc.property(point, point, (from, to) => {
        const xs = linkCurve([from, to])
          .flat()
          .map(([x]) => x)
        expect(Math.min(...xs)).toBeGreaterThanOrEqual(Math.min(from[0], to[0]) - reachMost)
        expect(Math.max(...xs)).toBeLessThanOrEqual(Math.max(from[0], to[0]) + reachMost)
      }),
    )
  })

  it('is empty without two points', () => {
    expect(curvePath(linkCurve([[1, 2]]))).toBe('')
  })
})

describe('what meets a curve', () => {
  const curve = linkCurve([
    [0, 0],
    [200, 100],
    [400, 0],
  ])
  const cases: readonly (readonly [from: Point, to: Point, cut: boolean])[] = [
    [[100, -50], [100, 150], true],
    [[300, -50], [300, 150], true],
    [[100, 90], [100, 150], false],
    [[500, -50], [500, 150], false],
  ]
  it.each(cases)('a line from %j to %j cuts it: %j', (from, to, cut) => {
    expect(crosses(curve, from, to)).toBe(cut)
  })

  it('is below a box that it runs through', () => {
    expect(runsThrough(curve, [150, 50], [100, 100])).toBe(true)
    expect(runsThrough(curve, [150, -150], [100, 100])).toBe(false)
  })

  it('has the point where it was pressed between the right two', () => {
    expect(nearestSegment(curve, [90, 40]).segment).toBe(0)
    expect(nearestSegment(curve, [310, 40]).segment).toBe(1)
    expect(curveMiddle(curve)).toEqual([200, 100])
  })
})
