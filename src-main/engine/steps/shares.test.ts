import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConditioningPart } from '../runtime/values.ts'
import { zeros } from '../tensor/float-tensor.ts'
import { place, sharesAt } from './shares.ts'

const size = { width: 8, height: 4 }
const plain: ConditioningPart = { context: zeros([1, 77, 4]), strength: 1, range: [0, 1] }
const left = { x: 0, y: 0, width: 0.5, height: 1 }
const right = { ...left, x: 0.5 }

const sharesOf = (parts: readonly ConditioningPart[], timestep = 500) =>
  sharesAt(
    parts.map((part) => place(part, size)),
    timestep,
    size,
  )

describe('place', () => {
  it('rounds an area to whole cells within the picture, at least one', () => {
    expect(place({ ...plain, area: { x: 0.5, y: 0.3, width: 0.3, height: 0.9 } }, size).region).toEqual({
      x: 4,
      y: 1,
      width: 2,
      height: 3,
    })
    expect(place({ ...plain, area: { x: 1, y: 0, width: 0.01, height: 0.01 } }, size).region).toEqual({
      x: 7,
      y: 0,
      width: 1,
      height: 1,
    })
  })

  it('fades an area at edges within the picture alone, over a quarter of it', () => {
    const weights = (area: ConditioningPart['area']) => [
      ...place({ ...plain, ...(area && { area }) }, { width: 32, height: 1 }).weights,
    ]
    expect(weights({ x: 0.5, y: 0, width: 0.5, height: 1 })).toEqual([0.25, 0.5, 0.75, ...Array(13).fill(1)])
    expect(weights({ x: 0, y: 0, width: 0.5, height: 1 })).toEqual([...Array(13).fill(1), 0.75, 0.5, 0.25])
    expect(weights(undefined)).toEqual(Array(32).fill(1))
  })

  it('scales a mask to the latent, and its strength', () => {
    const mask = { data: Float32Array.of(0, 1), shape: [1, 1, 1, 2] }
    expect([...place({ ...plain, mask, strength: 2 }, { width: 4, height: 1 }).weights]).toEqual([0, 0.5, 1.5, 2])
  })

  it('cuts a mask to the area', () => {
    const mask = { data: Float32Array.of(0.1, 0.2, 0.3, 0.4), shape: [1, 1, 1, 4] }
    const { weights } = place({ ...plain, mask, area: right }, { width: 4, height: 1 })
    expect(weights).toEqual(Float32Array.of(0.3, 0.4))
  })
})

describe('sharesAt', () => {
  it('gives a plain prompt everything', () => {
    const [share, ...more] = sharesOf([plain])
    expect(more).toEqual([])
    expect(share?.region).toEqual({ x: 0, y: 0, ...size })
    expect(share).not.toHaveProperty('shares')
  })

  it('averages by strength where parts overlap', () => {
    const [whole, half] = sharesOf([plain, { ...plain, area: left, strength: 3 }])
    // A side of 4 cells fades over 1, which reaches the full weight at once.
    expect([...(half?.shares?.subarray(0, 4) ?? [])]).toEqual([0.75, 0.75, 0.75, 0.75])
    expect([...(whole?.shares?.subarray(0, 8) ?? [])]).toEqual([0.25, 0.25, 0.25, 0.25, 1, 1, 1, 1])
  })

  it.each([
    [999, ['early']],
    [500, ['early']],
    [499, ['late']],
    [0, ['late']],
  ])('takes what holds at timestep %i', (timestep, names) => {
    const early = { ...plain, range: [0, 0.4995] } as const
    const late = { ...plain, range: [0.5005, 1] } as const
    const taken = sharesOf([early, late], timestep).map(({ part }) => (part === early ? 'early' : 'late'))
    expect(taken).toEqual(names)
  })

  it('holds a plain prompt at the timesteps beyond the ends too', () => {
    expect(sharesOf([plain], 999.5)).toHaveLength(1)
    expect(sharesOf([plain], -0.5)).toHaveLength(1)
  })

  it('falls back to the first part where none holds', () => {
    const [area, rest] = sharesOf([{ ...plain, area: left }])
    expect([...(area?.shares?.subarray(0, 4) ?? [])]).toEqual([1, 1, 1, 1])
    expect([...(rest?.shares?.subarray(0, 8) ?? [])]).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
    const [only] = sharesOf([{ ...plain, range: [0, 0.2] }], 100)
    expect(only?.shares?.every((value) => value === 1)).toBe(true)
    const [none] = sharesOf([{ ...plain, strength: 0 }]).filter(({ shares }) => shares?.some((share) => share > 0))
    expect(none?.shares?.every((value) => value === 1)).toBe(true)
  })

  it('adds up to 1 in every cell, whatever the parts', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const part = fc.record({
      area: fc.record({ x: share, y: share, width: share, height: share }),
      strength: fc.double({ min: 0, max: 10, noNaN: true }),
      range: fc.tuple(share, share),
    })
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: 999 }),
        (parts, timestep) => {
          const sums = new Float64Array(size.width * size.height)
          const whole = new Float64Array(sums.length).fill(1)
          for (const { region, shares } of sharesOf(
            parts.map((some) => ({ ...plain, ...some })),
            timestep,
          )) {
            for (const [i, value] of (shares ?? whole).entries()) {
              const cell = (region.y + Math.floor(i / region.width)) * size.width + region.x + (i % region.width)
              sums[cell] = (sums[cell] ?? 0) + value
            }
          }
          for (const sum of sums) expect(sum).toBeCloseTo(1, 5)
        },
      ),
    )
  })
})
