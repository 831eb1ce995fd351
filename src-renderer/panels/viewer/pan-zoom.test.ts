import fc from 'fast-check'
import { expect, it } from 'vitest'
import { panned, whole, zoomed } from './pan-zoom.ts'

const part = fc.double({ min: -0.5, max: 0.5, noNaN: true })

it('keeps the point under the pointer where it is', () => {
  fc.assert(
    fc.property(part, part, fc.double({ min: 1, max: 8, noNaN: true }), (x, y, factor) => {
      const view = zoomed(whole, factor, { x, y })
      // where the picture's point that was under the pointer is now
      expect(view.x + x * view.scale).toBeCloseTo(x, 9)
      expect(view.y + y * view.scale).toBeCloseTo(y, 9)
    }),
  )
})

it('never shows less than the whole picture, nor beside it', () => {
  fc.assert(
    fc.property(part, part, fc.double({ min: 0.01, max: 100, noNaN: true }), (dx, dy, factor) => {
      const { scale, x, y } = panned(zoomed(whole, factor), dx * 10, dy * 10)
      expect(scale).toBeGreaterThanOrEqual(1)
      expect(Math.abs(x)).toBeLessThanOrEqual((scale - 1) / 2)
      expect(Math.abs(y)).toBeLessThanOrEqual((scale - 1) / 2)
    }),
  )
})
