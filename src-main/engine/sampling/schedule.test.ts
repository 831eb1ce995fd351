import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { roundHalfToEven, spacedTimesteps } from './grid.ts'
import { noiseSchedule } from './schedule.ts'

const { logSigmaAt, nearestTimestep, sigmaAt, timestepAt } = noiseSchedule()

describe('noise schedule', () => {
  test('has the ends that PyTorch computes in float32', () => {
    expect(sigmaAt(999)).toBe(14.614646911621094)
    expect(sigmaAt(0)).toBeCloseTo(0.0291672, 6)
  })

  test('sigma rises with the timestep, whole or not', () => {
    const timestep = fc.double({ min: 0, max: 998, noNaN: true })
    fc.assert(fc.property(timestep, (t) => sigmaAt(t + 1) > sigmaAt(t)))
  })

  test('a sigma finds its timestep again', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 999 }), (t) => Math.abs(timestepAt(sigmaAt(t)) - t) < 0.01))
    expect([timestepAt(0), timestepAt(100)]).toEqual([0, 999])
  })

  test('a sigma finds the whole timestep that is nearest in its logarithm', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 999, noNaN: true }), (t) => {
        expect(Math.abs(nearestTimestep(logSigmaAt(t)) - t)).toBeLessThan(0.5 + 1e-3)
      }),
    )
    expect([nearestTimestep(0), nearestTimestep(100)]).toEqual([0, 999])
  })
})

describe('timestep spacing', () => {
  test('is what numpy computes', () => {
    expect(spacedTimesteps(4, 'leading', 1)).toEqual([751, 501, 251, 1])
    expect(spacedTimesteps(16, 'trailing', 0).slice(0, 4)).toEqual([999, 937, 874, 811])
    expect(spacedTimesteps(3, 'linspace', 0)).toEqual([999, 499.5, 0])
    expect(spacedTimesteps(1, 'linspace', 0)).toEqual([0])
  })

  test('rounds halves to even', () => {
    expect([0.5, 1.5, 2.5, 2.4, 2.6].map(roundHalfToEven)).toEqual([0, 2, 2, 2, 3])
  })

  test('falls and stays on the training grid', () => {
    const spacing = fc.constantFrom('leading' as const, 'trailing' as const, 'linspace' as const)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), spacing, (steps, kind) => {
        const timesteps = spacedTimesteps(steps, kind, 1)
        expect(timesteps.length).toBe(steps)
        expect(timesteps.every((t, i) => t >= 0 && t < (timesteps[i - 1] ?? 1000))).toBe(true)
      }),
    )
  })
})
