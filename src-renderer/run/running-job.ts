import type { Job } from '#core/protocol/jobs.ts'
import type { JobsState } from '../store/jobs.ts'

/** The running job. */
export function runningJob({ jobs }: JobsState): Job | undefined {
  for (const job of jobs.values()) if (job.state === 'running') return job
  return undefined
}
