import type { LatentScaling } from '#core/plan/latent-edit.ts'
import type { SchedulerSpec, SigmaSchedule, SolverKind } from '#core/plan/scheduler.ts'

const samplerNames: Record<SolverKind, string> = {
  lcm: 'LCM',
  tcd: 'TCD',
  ddim: 'DDIM',
  ddpm: 'DDPM',
  euler: 'Euler',
  'euler-ancestral': 'Euler a',
  heun: 'Heun',
  'dpm-2': 'DPM2',
  'dpm-2-ancestral': 'DPM2 a',
  'dpmpp-2s-ancestral': 'DPM++ 2S a',
  'dpmpp-sde': 'DPM++ SDE',
  'dpmpp-2m': 'DPM++ 2M',
  'dpmpp-2m-sde': 'DPM++ 2M SDE',
  'dpmpp-3m-sde': 'DPM++ 3M SDE',
  lms: 'LMS',
  ipndm: 'IPNDM',
  deis: 'DEIS',
  unipc: 'UniPC',
  'res-multistep': 'Res Multistep',
  'gradient-estimation': 'Gradient Estimation',
}

/** A1111's names of the schedules that it puts behind the sampler's; all readers know these. */
const scheduleEndings: Partial<Record<SigmaSchedule, string>> = {
  karras: ' Karras',
  exponential: ' Exponential',
}

/** Its names of the others, which have a field of their own from 1.9 on. */
const scheduleTypes: Partial<Record<SigmaSchedule, string>> = {
  simple: 'Simple',
  sgm_uniform: 'SGM Uniform',
  ddim_uniform: 'DDIM',
  beta: 'Beta',
  normal: 'Normal',
  kl_optimal: 'KL Optimal',
}

/** What A1111 calls a solver and its schedule; a schedule that it does not know is left out. */
export function samplerNamed({ kind, schedule }: SchedulerSpec): {
  sampler: string
  scheduleType?: string | undefined
} {
  const name = schedule.kind === 'sigmas' ? schedule.name : undefined
  return {
    sampler: `${samplerNames[kind]}${(name && scheduleEndings[name]) ?? ''}`,
    scheduleType: name && scheduleTypes[name],
  }
}

/** What A1111 calls the ways to scale a latent; it has none for bislerp. */
export const upscalerNames: Record<LatentScaling, string> = {
  nearest: 'Latent (nearest-exact)',
  bilinear: 'Latent',
  bicubic: 'Latent (bicubic)',
  bislerp: 'Latent',
}
