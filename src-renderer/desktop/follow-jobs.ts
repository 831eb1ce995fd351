import type { Desktop } from '#core/protocol/desktop.ts'
import type { Job } from '#core/protocol/jobs.ts'
import { durationText } from '../run/progress-text.ts'
import { runningJob } from '../run/running-job.ts'
import { type JobsState, jobs } from '../store/jobs.ts'
import { t } from '../strings/t.ts'
import { showError } from '../ui/notices.ts'

/** Milliseconds from which a job is long: by then a person does something else. */
const long = 20_000

/** Shows the queue's progress outside the page, and says when a long job has ended. */
export function followJobs(desktop: Desktop): void {
  jobs.subscribe((now, before) => {
    const progress = progressOf(now)
    if (progress !== progressOf(before)) desktop.setProgress(progress).catch(showError)
    for (const job of endedLong(before, now)) {
      desktop.tellEnd({ title: job.name.slice(0, 200), body: sentence(job).slice(0, 500) }).catch(showError)
    }
  })
}

/** The fraction of the running job that is done, in hundredths; null if nothing runs. */
export function progressOf(state: JobsState): number | null {
  const job = runningJob(state)
  return job ? Math.floor((job.progress?.fraction ?? 0) * 100) / 100 : null
}

/** The long jobs that have ended from one state to the next; not those that the person cancelled. */
export const endedLong = (before: JobsState, now: JobsState): readonly Job[] =>
  [...now.jobs.values()].filter(
    (job) => before.jobs.get(job.id)?.state === 'running' && isOver(job) && !job.live && duration(job) >= long,
  )

const isOver = ({ state }: Job): boolean => state === 'done' || state === 'failed'

const duration = ({ started = 0, finished = 0 }: Job): number => finished - started

function sentence(job: Job): string {
  if (job.state === 'done') return t('shell.ended.done', { time: durationText(duration(job)) })
  const { message } = job.error?.problems?.[0] ?? job.error ?? { message: '' }
  return t('shell.ended.failed', { message }).trim()
}
