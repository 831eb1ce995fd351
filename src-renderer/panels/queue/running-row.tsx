import { Progress } from '@mantine/core'
import { X } from 'lucide-react'
import type { Job } from '#core/protocol/jobs.ts'
import { progressText } from '../../run/progress-text.ts'
import { t } from '../../strings/t.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { JobAbout } from './job-about.tsx'
import { cancelJob } from './job-actions.ts'
import styles from './queue-panel.module.css'

/** The job that runs. */
export function RunningRow({ job }: { job: Job }) {
  const percent = Math.floor((job.progress?.fraction ?? 0) * 100)
  return (
    <div className={styles.running}>
      <div className={styles.row}>
        <span className={styles.name}>{job.name}</span>
        {job.live && <span className={styles.badge}>{t('shell.top.live')}</span>}
        <IconButton icon={X} label={t('panels.queue.cancel', { name: job.name })} onClick={() => cancelJob(job.id)} />
      </div>
      <JobAbout job={job} />
      <Progress value={percent} size={6} aria-label={t('shell.status.progress', { name: job.name })} />
      <span className={styles.dim}>{progressText(job)}</span>
    </div>
  )
}
