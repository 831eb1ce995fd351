import { call } from '../api/client.ts'
import type { Tab } from '../store/workspace.ts'
import { dismiss, showError } from '../ui/notices.ts'
import { latestOnly } from './latest.ts'
import { requestOf } from './request.ts'
import { sameRun } from './same-run.ts'

/** Has a tab's picture follow every change that a run would show, or no longer. */
export const setLive = (tab: Tab, live: boolean): void => tab.run.setState({ live })

/** Sends the document as a live job whenever it changed, while the tab is live. Seeds stay; the server drops what is outdated. */
export function followLive(tab: Tab): () => void {
  const notice = `live ${tab.id}`
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
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
