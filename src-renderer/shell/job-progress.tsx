import { Progress } from '@mantine/core'
import type { Job } from '#core/protocol/jobs.ts'
import { progressText } from '../run/progress-text.ts'
import { ui } from '../store/ui.ts'
import { t } from '../strings/t.ts'
import styles from './status-bar.module.css'

/** Progress and remaining time of the running job. */
export function JobProgress({ job }: { job: Job }) {
  const percent = Math.floor((job.progress?.fraction ?? 0) * 100)
  return (
    <button type="button" className={styles.button} onClick={() => ui.setState({ right: 'queue' })}>
      <span className={styles.progressText}>{progressText(job)}</span>
      <Progress
        className={styles.progress}
        value={percent}
        size={6}
        aria-label={t('shell.status.progress', { name: job.name })}
      />
    </button>
  )
}
