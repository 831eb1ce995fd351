import type { Job } from '#core/protocol/jobs.ts'
import { t } from '../../strings/t.ts'
import styles from './queue-panel.module.css'

/** The prompt and the seed of a job, as far as they are known. */
export function JobAbout({ job: { about } }: { job: Job }) {
  if (!about) return null
  const { prompt, seed } = about
  return (
    <span className={styles.about}>
      {prompt !== undefined && (
        <span className={styles.prompt} title={prompt}>
          {prompt}
        </span>
      )}
      {seed !== undefined && <span className={styles.seed}>{t('panels.queue.seed', { seed })}</span>}
    </span>
  )
}
