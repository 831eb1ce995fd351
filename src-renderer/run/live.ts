import { call } from '../api/client.ts'
import { jobs } from '../store/jobs.ts'
import type { Tab } from '../store/workspace.ts'
import { dismiss, showError } from '../ui/notices.ts'
import { latestOnly } from './latest.ts'
import { isOtherServer } from './reduce-jobs.ts'
import { requestOf } from './request.ts'
import { sameRun } from './same-run.ts'

/** Turns live mode of a tab on or off. In live mode, its picture follows every change that affects a run. */
export const setLive = (tab: Tab, live: boolean): void => tab.run.setState({ live })

/** Id of the notice that a live job was refused. */
export const liveNotice = (document: string): string => `live ${document}`

/** Sends the document as a live job on every change, while the tab is live. Seeds stay; the server drops old jobs. */
export function followLive(tab: Tab): () => void {
  const notice = liveNotice(tab.id)
  const send = latestOnly(async () => {
    if (!tab.run.getState().live) return
    try {
      await call('submitJob', { ...requestOf(tab), live: true })
      dismiss(notice)
    } catch (error) {
      showError(error, notice)
    }
  })
  const stops = [
    tab.document.subscribe(({ workflow }, before) => {
      if (tab.run.getState().live && !sameRun(workflow, before.workflow)) send()
    }),
    tab.run.subscribe(({ live }, before) => {
      if (live && !before.live) send()
    }),
    jobs.subscribe((now, before) => {
      if (isOtherServer(before, now)) send()
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
