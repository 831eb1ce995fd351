import { describe, expect, it } from 'vitest'
import { openingFor, setOf, withPlace } from './place.ts'

const screen = (x: number, y: number, width = 1920, height = 1080) => ({
  bounds: { x, y, width, height },
  workArea: { x, y: y + 30, width, height: height - 30 },
  scaleFactor: 1,
})
const laptop = screen(0, 0)
const monitor = screen(1920, 0, 2560, 1440)
const place = { x: 2000, y: 100, width: 1200, height: 800, maximized: false, fullScreen: false }

describe('the place of the window', () => {
  it('comes back with the same displays, in whatever order the system names them', () => {
    const places = withPlace({}, [laptop, monitor], { ...place, maximized: true })
    expect(openingFor({ places }, [monitor, laptop])).toEqual({
      bounds: { x: 2000, y: 100, width: 1200, height: 800 },
      maximized: true,
      fullScreen: false,
    })
  })

  it('is another one with other displays', () => {
    const places = withPlace(withPlace({}, [laptop, monitor], place), [laptop], { ...place, x: 10, y: 40 })
    expect(openingFor({ places }, [laptop]).bounds).toMatchObject({ x: 10, y: 40 })
    expect(openingFor({ places }, [laptop, monitor]).bounds).toMatchObject({ x: 2000, y: 100 })
  })

  it.each([
    ['left of every display', { x: -1150, y: 100 }],
    ['below every display', { x: 100, y: 1060 }],
    ['with its title above the screen', { x: 100, y: -20 }],
  ])('is the usual one where nobody could reach it: %s', (_, at) => {
    const places = { [setOf([laptop])]: { ...place, ...at } }
    expect(openingFor({ places }, [laptop]).bounds).toEqual({ width: 1440, height: 900 })
  })

  it('is remembered for twenty sets of displays, the last used ones', () => {
    let places = {}
    for (let width = 1; width <= 21; width++) places = withPlace(places, [screen(0, 0, width)], place)
    places = withPlace(places, [screen(0, 0, 2)], place)
    expect(Object.keys(places)).toHaveLength(20)
    expect(Object.keys(places).at(-1)).toBe(setOf([screen(0, 0, 2)]))
    expect(Object.keys(places)).not.toContain(setOf([screen(0, 0, 1)]))
  })
})
