import { describe, expect, it } from 'vitest'
import { wayIntoView } from './into-view.ts'

const view = { x: 24, y: 24, width: 800, height: 600 }
const box = (x: number, y: number, width = 200, height = 100) => ({ x, y, width, height })

describe('the way into view', () => {
  it('is none for what is seen', () => {
    expect(wayIntoView(box(24, 24), view)).toEqual({ x: 0, y: 0 })
    expect(wayIntoView(box(624, 524), view)).toEqual({ x: 0, y: 0 })
  })

  it('goes just as far as something lies outside', () => {
    expect(wayIntoView(box(634, 100), view)).toEqual({ x: 10, y: 0 })
    expect(wayIntoView(box(-100, 700), view)).toEqual({ x: -124, y: 176 })
  })

  it('shows the upper left corner of what is too large', () => {
    expect(wayIntoView(box(100, 600, 1000, 1000), view)).toEqual({ x: 76, y: 576 })
  })
})
