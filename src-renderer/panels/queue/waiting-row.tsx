import { ArrowDown, ArrowUp, ChevronsUp, GripVertical, X } from 'lucide-react'
import { useStore } from 'zustand'
import type { Job } from '#core/protocol/jobs.ts'
import { jobs } from '../../store/jobs.ts'
import { t } from '../../strings/t.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { reorderable } from '../../ui/reorderable.ts'
import { JobAbout } from './job-about.tsx'
import { cancelJob, moveJob, moveJobTo } from './job-actions.ts'
import styles from './queue-panel.module.css'

/** A waiting job. It can be moved by dragging or by buttons. */
export function WaitingRow({ job }: { job: Job }) {
  const { id, name } = job
  const place = useStore(jobs, ({ order }) => order.indexOf(id))
  const last = useStore(jobs, ({ order }) => order.length - 1)
  return (
    <fieldset
      aria-label={name}
      className={styles.waiting}
      {...reorderable('job', id, (dragged) => moveJobTo(dragged, id))}
    >
      <GripVertical className={styles.grip} size={14} aria-hidden />
      <span className={styles.name}>{name}</span>
      <IconButton
        icon={ChevronsUp}
        label={t('panels.queue.first', { name })}
        disabled={place === 0}
        onClick={() => moveJob(id, 0)}
      />
      <IconButton
        icon={ArrowUp}
        label={t('panels.queue.up', { name })}
        disabled={place === 0}
        onClick={() => moveJob(id, place - 1)}
      />
      <IconButton
        icon={ArrowDown}
        label={t('panels.queue.down', { name })}
        disabled={place === last}
        onClick={() => moveJob(id, place + 1)}
      />
      <IconButton icon={X} label={t('panels.queue.cancel', { name })} onClick={() => cancelJob(id)} />
      <JobAbout job={job} />
    </fieldset>
  )
}
