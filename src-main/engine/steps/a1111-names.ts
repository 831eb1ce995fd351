import type { LatentScaling } from '#core/plan/latent-edit.ts'
import { type SchedulerSpec, type SigmaSchedule, solvers } from '#core/plan/scheduler.ts'

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
    sampler: `${solvers[kind].a1111}${(name && scheduleEndings[name]) ?? ''}`,
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
