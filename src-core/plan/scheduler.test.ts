import { expect, it } from 'vitest'
import { type Schedule, type SchedulerSpec, schedulerDefaults, settledSpec } from './scheduler.ts'

const spaced = (spacing: 'leading' | 'trailing' | 'linspace', stepsOffset = 1): Schedule => ({
  kind: 'spaced',
  spacing,
  stepsOffset,
})
const karras: Schedule = { kind: 'sigmas', name: 'karras' }
const { euler, 'dpmpp-2m': dpmpp } = schedulerDefaults

it.each<[string, SchedulerSpec, Schedule | undefined, Schedule]>([
  ['a usual schedule, of the model', { ...euler, usual: true }, spaced('trailing'), spaced('trailing')],
  ['noise levels, of the model', { ...euler, usual: true }, karras, karras],
  ['its steps offset', { ...euler, usual: true }, spaced('leading', 0), spaced('leading', 0)],
  [
    "a solver's own levels, where the model wants others",
    { ...dpmpp, schedule: karras, usual: true },
    spaced('trailing'),
    spaced('trailing'),
  ],
  [
    'not by the leading timesteps that nearly every folder names',
    { ...dpmpp, schedule: karras, usual: true },
    spaced('leading'),
    karras,
  ],
  ['not if the artist chose it', { ...dpmpp, schedule: karras }, spaced('trailing'), karras],
  [
    "ComfyUI's levels by those that lie like them",
    { ...euler, convention: 'comfy', schedule: karras, usual: true },
    spaced('trailing'),
    { kind: 'sigmas', name: 'sgm_uniform' },
  ],
  [
    'not by leading ones in ComfyUI',
    { ...euler, convention: 'comfy', schedule: karras, usual: true },
    spaced('leading'),
    karras,
  ],
  ['not if the model asks for none', { ...euler, usual: true }, undefined, euler.schedule],
])('the model replaces %s', (_, spec, own, schedule) => expect(settledSpec(spec, own).schedule).toEqual(schedule))
