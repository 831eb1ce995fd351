import { expect, it } from 'vitest'
import { type Schedule, type SolverKind, schedulerDefaults, solverKinds } from '#core/plan/scheduler.ts'
import { samplerNamed } from './a1111-names.ts'

const named = (kind: SolverKind, schedule: Schedule) => samplerNamed({ ...schedulerDefaults[kind], schedule })

it.each([
  ['dpmpp-2m', 'karras', 'DPM++ 2M Karras', undefined],
  ['dpmpp-2m-sde', 'karras', 'DPM++ 2M SDE Karras', undefined],
  ['dpmpp-3m-sde', 'exponential', 'DPM++ 3M SDE Exponential', undefined],
  ['dpm-2-ancestral', 'karras', 'DPM2 a Karras', undefined],
  ['euler-ancestral', 'normal', 'Euler a', 'Normal'],
  ['lcm', 'sgm_uniform', 'LCM', 'SGM Uniform'],
  ['unipc', 'beta', 'UniPC', 'Beta'],
  ['euler', 'linear_quadratic', 'Euler', undefined],
] as const)('%s on %s is %s, %s', (kind, name, sampler, scheduleType) => {
  expect(named(kind, { kind: 'sigmas', name })).toEqual({ sampler, scheduleType })
})

it('has a name for every solver, and none twice', () => {
  const names = solverKinds.map((kind) => named(kind, { kind: 'spaced', spacing: 'leading', stepsOffset: 1 }).sampler)
  expect(new Set(names).size).toBe(names.length)
})
