import { Ban, CircleCheck, CircleX, type LucideIcon } from 'lucide-react'
import { useState } from 'react'
import type { Job, Picture } from '#core/protocol/jobs.ts'
import { byteRoutes } from '#core/protocol/routes.ts'
import { durationText } from '../../run/progress-text.ts'
import { picturesOf } from '../../store/jobs.ts'
import { openDialog } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { dragOut } from '../../ui/drag-out.ts'
import { ServedImage } from '../../ui/served-image.tsx'
import { JobAbout } from './job-about.tsx'
import styles from './queue-panel.module.css'

/** Maximum number of thumbnails in a row. */
const maxThumbnails = 3

const icons: Readonly<Partial<Record<Job['state'], LucideIcon>>> = {
  done: CircleCheck,
  failed: CircleX,
  cancelled: Ban,
}

/** A finished job: its pictures and duration, or its error. */
export function HistoryRow({ job }: { job: Job }) {
  const { name, state, finished } = job
  const pictures = picturesOf(job)
  const Icon = icons[state] ?? Ban
  return (
    <div className={styles.history}>
      <div className={styles.text}>
        <span className={styles.row}>
          <Icon className={styles.state} data-state={state} size={14} aria-label={t(`panels.queue.states.${state}`)} />
          <span className={styles.name}>{name}</span>
          {finished !== undefined && <time className={styles.dim}>{clock.format(finished)}</time>}
        </span>
        <JobAbout job={job} />
        <span className={styles.outcome} data-state={state} title={job.error && sentence(job)}>
          {sentence(job)}
        </span>
      </div>
      {pictures.slice(0, maxThumbnails).map((picture) => (
        <Thumbnail key={picture.id} picture={picture} />
      ))}
      {pictures.length > maxThumbnails && <span className={styles.dim}>+{pictures.length - maxThumbnails}</span>}
    </div>
  )
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/** The outcome of a job. */
function sentence({ state, error, result }: Job): string {
  if (state === 'failed') return (error?.problems?.[0] ?? error)?.message ?? t('panels.queue.states.failed')
  if (!result) return t(`panels.queue.states.${state}`)
  const { steps, reused, milliseconds } = result
  const time = durationText(milliseconds)
  return reused > 0 ? t('panels.queue.reused', { time, reused, count: steps }) : time
}

function Thumbnail({ picture: { id, name } }: { picture: Picture }) {
  const [missing, setMissing] = useState(false)
  if (missing) return null
  return (
    <button
      type="button"
      className={styles.thumbnail}
      aria-label={t('panels.queue.show', { name })}
      onClick={() => openDialog({ kind: 'viewer', picture: id })}
    >
      <ServedImage
        src={byteRoutes.thumbnail(id)}
        alt=""
        loading="lazy"
        draggable={false}
        {...dragOut(id)}
        onMissing={() => setMissing(true)}
      />
    </button>
  )
}
