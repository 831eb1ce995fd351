import { useEffect } from 'react'
import { useStore } from 'zustand'
import { runningJob } from '../run/running-job.ts'
import { jobs } from '../store/jobs.ts'
import { useActiveTab } from '../store/use-active-tab.ts'
import type { Tab } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { titleOf } from '../workspace/title.ts'

/** Shows progress, active document and unsaved state in the browser's title. */
export function usePageTitle(): void {
  const tab = useActiveTab()
  const percent = useStore(jobs, (state) => {
    const job = runningJob(state)
    return job && Math.floor((job.progress?.fraction ?? 0) * 100)
  })
  useEffect(() => {
    const show = () => {
      document.title = [percent !== undefined && `${percent} %`, tab && named(tab), t('shell.name')]
        .filter((part) => typeof part === 'string')
        .join(' – ')
    }
    show()
    return tab?.document.subscribe(show)
  }, [tab, percent])
}

const named = (tab: Tab): string => (tab.document.isUnsaved() ? `• ${titleOf(tab)}` : titleOf(tab))
