import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Workflow } from '#core/workflow/document.ts'
import { collapseToSubgraph } from './collapse.ts'
import { freeSpot, freeSpotWithin, obstaclesIn, usualNode } from './free-spot.ts'
import { addNode } from './nodes.ts'

const size = { width: 232, height: 200 }
const at = (x: number, y: number) => ({ x, y, ...size })

type Area = ReturnType<typeof at>

const meet = (a: Area, b: Area): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

describe('a free spot', () => {
  it('is where it is wanted, on the grid, if nothing is there', () => {
    expect(freeSpot([], [13, 101], size)).toEqual([16, 104])
    expect(freeSpot([at(0, 0)], [248, 0], size, at(0, 0))).toEqual([248, 0])
  })

  it('is right of what is selected if the wanted one is taken', () => {
    expect(freeSpot([at(0, 0), at(1000, 500)], [20, 20], size, at(1000, 500))).toEqual([1280, 496])
  })

  it('is the nearest one if there is no room there either', () => {
    const selected = at(1000, 500)
    expect(freeSpot([at(0, 0), selected, at(1280, 496)], [0, 8], size, selected)).toEqual([0, 248])
    expect(freeSpot([at(0, 0)], [200, 0], size)).toEqual([280, 0])
    expect(freeSpot([at(0, 0)], [-200, 0], size)).toEqual([-280, 0])
    expect(freeSpot([at(0, 0)], [0, -160], size)).toEqual([0, -248])
  })

  it('covers nothing and lies on the grid, whatever lies around', () => {
    const place = fc.integer({ min: -1200, max: 1200 })
    const box = fc.record({
      x: place,
      y: place,
      width: fc.integer({ min: 1, max: 600 }),
      height: fc.integer({ min: 1, max: 600 }),
    })
    fc.assert(
      fc.property(fc.array(box, { maxLength: 60 }), place, place, (boxes, x, y) => {
        const spot = freeSpot(boxes, [x, y], size)
        expect(boxes.filter((other) => meet(other, at(...spot)))).toEqual([])
        expect(spot.map((value) => Math.abs(value % 8))).toEqual([0, 0])
      }),
    )
  })

  it('is found in the middle of thousands', () => {
    const boxes = Array.from({ length: 2500 }, (_, index) => at((index % 50) * 240, Math.floor(index / 50) * 208))
    const [x, y] = freeSpot(boxes, [6000, 5200], size)
    expect(boxes.filter((box) => meet(box, at(x, y)))).toEqual([])
  })
})

describe('a free spot within an area', () => {
  const view = { x: 0, y: 0, width: 1000, height: 600 }

  it('is the wanted one if it is free and inside', () => {
    expect(freeSpotWithin([], [104, 96], size, view)).toEqual([104, 96])
  })

  it('is brought inside from any side', () => {
    expect(freeSpotWithin([], [-900, 96], size, view)).toEqual([0, 96])
    expect(freeSpotWithin([], [5000, 5000], size, view)).toEqual([768, 400])
  })

  it('is beside what is in the way, also far from it', () => {
    expect(freeSpotWithin([at(400, 200)], [400, 200], size, view)).toEqual([120, 200])
    const column = [0, 200, 400].map((y) => at(0, y))
    expect(freeSpotWithin(column, [-320, 200], size, view)).toEqual([280, 200])
  })

  it('is nowhere in an area that is full or too small', () => {
    expect(freeSpotWithin([{ ...view }], [0, 0], size, view)).toBeUndefined()
    expect(freeSpotWithin([], [0, 0], size, { ...view, width: 200 })).toBeUndefined()
  })

  it('covers nothing, and is found wherever a place on the grid is free', () => {
    const box = fc.record({
      x: fc.integer({ min: -100, max: 1000 }),
      y: fc.integer({ min: -100, max: 600 }),
      width: fc.integer({ min: 1, max: 300 }),
      height: fc.integer({ min: 1, max: 300 }),
    })
    const place = fc.integer({ min: -400, max: 1400 })
    fc.assert(
      fc.property(fc.array(box, { maxLength: 12 }), place, place, (boxes, x, y) => {
        const spot = freeSpotWithin(boxes, [x, y], size, view)
        if (spot) {
          const found = at(...spot)
          expect(boxes.filter((other) => meet(other, found))).toEqual([])
          expect(found.x >= 0 && found.y >= 0 && found.x + found.width <= 1000 && found.y + found.height <= 600).toBe(
            true,
          )
          return
        }
        // with room around it, as the search leaves it
        const roomy = boxes.map((other) => ({
          x: other.x - 48,
          y: other.y - 48,
          width: other.width + 96,
          height: other.height + 96,
        }))
        for (let left = 0; left <= 1000 - size.width; left += 8) {
          for (let top = 0; top <= 600 - size.height; top += 8) {
            expect(roomy.some((other) => meet(other, at(left, top)))).toBe(true)
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})

const node = (x: number, y: number): Workflow['nodes'][string] => ({
  type: 'vae-decode',
  version: 1,
  at: [x, y],
  inputs: {},
})

describe('what must not be covered', () => {
  it('is nodes and notes, at their usual size where none is known, but no frames', () => {
    const graph = {
      nodes: { a: node(0, 0), b: node(500, 0) },
      notes: [{ text: '', at: [0, 400] satisfies [number, number], size: [50, 60] satisfies [number, number] }],
      frames: [{ title: '', at: [0, 0] satisfies [number, number], size: [900, 900] satisfies [number, number] }],
    }
    expect(obstaclesIn(graph, new Map([['b', { width: 232, height: 77 }]]))).toEqual([
      { key: 'a', x: 0, y: 0, ...usualNode },
      { key: 'b', x: 500, y: 0, width: 232, height: 77 },
      { key: 'note:0', x: 0, y: 400, width: 50, height: 60 },
    ])
  })

  it('keeps a new subgraph off what stays outside', () => {
    const workflow: Workflow = {
      format: 'latent-loom',
      version: 1,
      nodes: { a: node(0, 800), b: node(800, 0), stays: node(40, 40) },
    }
    const edited = structuredClone(workflow)
    collapseToSubgraph(workflow, undefined, ['a', 'b'], 'Part').apply(edited)
    const [x, y] = edited.nodes.part?.at ?? [0, 0]
    expect(meet({ x, y, ...usualNode }, { x: 40, y: 40, ...usualNode })).toBe(false)
    const beside = structuredClone(workflow)
    collapseToSubgraph(workflow, undefined, ['a', 'stays'], 'Part').apply(beside)
    expect(beside.nodes.part?.at).toEqual([0, 40])
  })

  it('lets nodes that are added one after the other lie beside each other', () => {
    const edited: Workflow = { format: 'latent-loom', version: 1, nodes: {} }
    for (let count = 0; count < 12; count++) {
      const spot = freeSpot(obstaclesIn(edited, new Map()), [0, 0], usualNode)
      addNode(edited, undefined, { type: 'vae-decode', at: spot }).apply(edited)
    }
    const boxes = obstaclesIn(edited, new Map())
    expect(boxes).toHaveLength(12)
    for (const a of boxes) for (const b of boxes) if (a !== b) expect(meet(a, b)).toBe(false)
  })
})
