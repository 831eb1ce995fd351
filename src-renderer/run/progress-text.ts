import type { Job } from '#core/protocol/jobs.ts'
import { t } from '../strings/t.ts'

/** Remaining times below this are not shown. */
const shortest = 1000

/** Progress of a running job: "Sampling, step 3 of 4, about 2 s left". */
export function progressText({ progress }: Job): string {
  if (!progress) return t('shell.progress.starting')
  const { phase, step, steps, remaining } = progress
  return [
    t(`shell.progress.phases.${phase}`),
    step !== undefined && steps !== undefined && t('shell.progress.step', { step, steps }),
    remaining !== undefined && remaining >= shortest && t('shell.progress.left', { time: durationText(remaining) }),
  ]
    .filter((part) => part !== false)
    .join(', ')
}

/** A duration for display: "0.8 s", "12 s", "3 min". */
export function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 9.95) return t('shell.progress.seconds', { time: seconds.toFixed(1) })
  if (seconds < 99.5) return t('shell.progress.seconds', { time: Math.round(seconds) })
  return t('shell.progress.minutes', { time: Math.round(seconds / 60) })
}
