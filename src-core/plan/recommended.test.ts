import { expect, it } from 'vitest'
import type { Distilled } from '#core/types/distilled.ts'
import { describeRecommended, recommended } from './recommended.ts'

it.each<[Distilled | undefined, object, number, string]>([
  [
    undefined,
    { kind: 'dpmpp-2m', steps: 20, schedule: { kind: 'sigmas', name: 'karras' } },
    7,
    'DPM++ 2M Karras, 20 steps',
  ],
  [{ method: 'lcm' }, { kind: 'lcm', steps: 4, schedule: { kind: 'distilled', originalSteps: 50 } }, 1, 'LCM, 4 steps'],
  [{ method: 'lcm', guided: true }, { kind: 'lcm', steps: 4 }, 8, 'LCM, 4 steps'],
  [{ method: 'tcd' }, { kind: 'tcd', steps: 4, eta: 0.3 }, 1, 'TCD, 4 steps'],
  [
    { method: 'turbo', steps: 1 },
    { kind: 'euler-ancestral', steps: 1, schedule: { spacing: 'trailing' } },
    1,
    'Turbo, 1 step',
  ],
  [
    { method: 'lightning', steps: 8 },
    { kind: 'euler', steps: 8, schedule: { spacing: 'trailing' } },
    1,
    'Lightning, 8 steps',
  ],
  [
    { method: 'hyper', steps: 2 },
    { kind: 'ddim', steps: 2, schedule: { spacing: 'trailing' } },
    1,
    'Hyper-SD, 2 steps',
  ],
  [
    { method: 'hyper', steps: 1 },
    { kind: 'tcd', schedule: { kind: 'timesteps', timesteps: [800] } },
    1,
    'Hyper-SD, 1 step',
  ],
  [{ method: 'hyper', steps: 12, guided: true }, { kind: 'ddim', steps: 12 }, 5, 'Hyper-SD, 12 steps'],
  [{ method: 'dmd2' }, { kind: 'lcm', schedule: { timesteps: [999, 749, 499, 249] } }, 1, 'DMD2, 4 steps'],
  [{ method: 'dmd2', steps: 1 }, { kind: 'lcm', schedule: { timesteps: [399] } }, 1, 'DMD2, 1 step'],
  [
    { method: 'pcm', steps: 8, guided: true },
    { kind: 'ddim', steps: 8, schedule: { spacing: 'trailing' } },
    7.5,
    'PCM, 8 steps',
  ],
  [{ method: 'pcm' }, { kind: 'ddim', steps: 4 }, 1, 'PCM, 4 steps'],
  [{ method: 'flash' }, { kind: 'lcm', schedule: { kind: 'distilled' } }, 1, 'Flash Diffusion, 4 steps'],
])('%j is drawn as its makers say', (distilled, spec, guidance, words) => {
  const settings = recommended(distilled)
  expect(settings.spec).toMatchObject(spec)
  expect(settings.guidance).toBe(guidance)
  expect(describeRecommended(distilled, settings)).toBe(words)
})

it('takes the schedule that a model without distillation asks for', () => {
  const trailing = { kind: 'spaced', spacing: 'trailing', stepsOffset: 1 } as const
  const settings = recommended(undefined, 0, trailing)
  expect(settings.spec.schedule).toEqual(trailing)
  expect(describeRecommended(undefined, settings)).toBe('DPM++ 2M on the timesteps of the model, 20 steps')
  expect(recommended({ method: 'lcm' }, 0, trailing).spec.schedule.kind).toBe('distilled')
})

it('takes the number of steps that is asked for', () => {
  expect(recommended({ method: 'lightning', steps: 4 }, 6).spec.steps).toBe(6)
  const unified = { method: 'hyper', steps: 1 } as const
  expect(recommended(unified, 4).spec).toMatchObject({ kind: 'tcd', steps: 4, schedule: { kind: 'distilled' } })
  expect(recommended({ method: 'hyper', steps: 8 }, 1).spec).toMatchObject({ kind: 'ddim', steps: 1 })
  expect(recommended({ method: 'dmd2' }, 8).spec.schedule).toEqual({
    kind: 'timesteps',
    timesteps: [999, 874, 749, 624, 499, 374, 249, 124],
  })
})
