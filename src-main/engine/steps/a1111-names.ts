import type { LatentScaling } from '#core/plan/latent-edit.ts'
import { type SchedulerSpec, type SigmaSchedule, solvers } from '#core/plan/scheduler.ts'

/** Schedules whose name A1111 appends to the sampler's. All readers know these. */
const scheduleEndings: Partial<Record<SigmaSchedule, string>> = {
  karras: ' Karras',
  exponential: ' Exponential',
}

/** A1111's names of all other schedules, which have their own field since version 1.9. */
const scheduleTypes: Partial<Record<SigmaSchedule, string>> = {
  simple: 'Simple',
  sgm_uniform: 'SGM Uniform',
  ddim_uniform: 'DDIM',
  beta: 'Beta',
  normal: 'Normal',
  kl_optimal: 'KL Optimal',
}

/** A1111's names of a solver and its schedule. A schedule that it does not know is omitted. */
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

/** A1111's names of the latent scaling methods; it has none for bislerp. */
export const upscalerNames: Record<LatentScaling, string> = {
  nearest: 'Latent (nearest-exact)',
  bilinear: 'Latent',
  bicubic: 'Latent (bicubic)',
  bislerp: 'Latent',
}
