import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { FlowItem } from '../view/flow-types.ts'
import { mapView } from './paint-map.ts'

const place = fc.integer({ min: -5000, max: 5000 })
const extent = fc.integer({ min: 10, max: 3000 })
const box = fc.record({ x: place, y: place, width: extent, height: extent })

it('shows every item and what is seen of them within the map', () => {
  fc.assert(
    fc.property(fc.array(box, { maxLength: 20 }), box, (boxes, seen) => {
      const items = boxes.map(
        ({ x, y, width, height }, index): FlowItem => ({
          id: `note:${index}`,
          type: 'note',
          data: { index },
          position: { x, y },
          measured: { width, height },
        }),
      )
      const { left, top, scale } = mapView(items, seen, 192, 128)
      for (const { x, y, width, height } of [...boxes, seen]) {
        expect((x - left) * scale).toBeGreaterThanOrEqual(0)
        expect((y - top) * scale).toBeGreaterThanOrEqual(0)
        expect((x + width - left) * scale).toBeLessThanOrEqual(192)
        expect((y + height - top) * scale).toBeLessThanOrEqual(128)
      }
    }),
  )
})
