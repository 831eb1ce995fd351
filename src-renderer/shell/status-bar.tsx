import { Cpu, Wifi, WifiOff } from 'lucide-react'
import { useStore } from 'zustand'
import { runningJob } from '../run/running-job.ts'
import { jobs } from '../store/jobs.ts'
import { settings } from '../store/settings.ts'
import { useActiveTab } from '../store/use-active-tab.ts'
import { levelOf } from '../store/view-store.ts'
import type { Tab } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { JobProgress } from './job-progress.tsx'
import { ProblemCount } from './problem-count.tsx'
import styles from './status-bar.module.css'

/** The state of the server and the document. */
export function StatusBar() {
  const tab = useActiveTab()
  const job = useStore(jobs, runningJob)
  const device = useStore(settings, (state) => state.device)
  return (
    <footer className={styles.bar}>
      <Connection />
      <span className={styles.item}>
        <Cpu size={13} aria-hidden />
        {t('shell.status.device', { device: device === 'auto' ? t('shell.status.automatic') : device })}
      </span>
      {tab && <ProblemCount tab={tab} />}
      <span className={styles.space} />
      {job && <JobProgress job={job} />}
      {tab && <Zoom tab={tab} />}
    </footer>
  )
}

function Connection() {
  const connection = useStore(jobs, (state) => state.connection)
  const Icon = connection === 'open' ? Wifi : WifiOff
  return (
    <span className={styles.item} role="status" data-bad={connection === 'lost' || undefined}>
      <Icon size={13} aria-hidden />
      {t(`shell.status.connection.${connection}`)}
    </span>
  )
}

function Zoom({ tab }: { tab: Tab }) {
  const zoom = useStore(tab.view, (state) => state.viewports.get(levelOf(state))?.zoom ?? 1)
  return <span className={styles.item}>{t('shell.status.zoom', { percent: Math.round(zoom * 100) })}</span>
}
