import type { LatentScaling } from '#core/plan/latent-edit.ts'
import { type SchedulerSpec, sigmaSchedules, solvers } from '#core/plan/scheduler.ts'

/** A1111's names of a solver and its schedule. A schedule that it does not know is omitted. */
export function samplerNamed({ kind, schedule }: SchedulerSpec): {
  sampler: string
  scheduleType?: string | undefined
} {
  const sampler = solvers[kind].a1111
  const name = schedule.kind === 'sigmas' ? sigmaSchedules[schedule.name].a1111 : undefined
  if (!name) return { sampler }
  return 'ending' in name ? { sampler: `${sampler} ${name.ending}` } : { sampler, scheduleType: name.type }
}

/** A1111's names of the latent scaling methods; it has none for bislerp. */
export const upscalerNames: Record<LatentScaling, string> = {
  nearest: 'Latent (nearest-exact)',
  bilinear: 'Latent',
  bicubic: 'Latent (bicubic)',
  bislerp: 'Latent',
}
