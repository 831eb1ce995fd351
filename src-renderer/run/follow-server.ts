import type { Job, ServerMessage } from '#core/protocol/jobs.ts'
import type { PreviewFrame } from '#core/protocol/preview-frame.ts'
import { connectEvents } from '../api/events.ts'
import { jobs } from '../store/jobs.ts'
import { loadModels } from '../store/library.ts'
import { replacePicture } from '../store/pictures.ts'
import type { NodeRun } from '../store/run-store.ts'
import { type Tab, workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { dismiss, notify, showError, unreachableNotice } from '../ui/notices.ts'
import { hearDraft } from '../workspace/other-pages.ts'
import { hearFile } from '../workspace/save.ts'
import { liveNotice } from './live.ts'
import { newestFrames } from './newest-frames.ts'
import { isOtherServer, lostJobs, reduceJobs } from './reduce-jobs.ts'
import { type RunMessage, reduceRun, replayRun, withoutServer } from './reduce-run.ts'
import { failureNotice } from './run-control.ts'

/** Updates the stores from the server's messages. */
export function followServer(): void {
  connectEvents({
    message: receive,
    preview: newestFrames(showPreview, requestAnimationFrame),
    state: (connection) => {
      jobs.setState({ connection })
      if (connection === 'open') dismiss(unreachableNotice)
    },
    unreadable: () =>
      notify({
        kind: 'warning',
        id: 'unreadable',
        message: t('shell.notices.unreadable'),
        hint: t('shell.notices.reload'),
      }),
  })
}

function receive(message: ServerMessage): void {
  const before = jobs.getState()
  const now = reduceJobs(before, message)
  jobs.setState(now, true)
  if (message.type === 'hello') {
    if (isOtherServer(before, now)) startOver(lostJobs(before, now))
    workspace.getState().tabs.forEach(catchUp)
  }
  if (message.type === 'hello' || message.type === 'models') loadModels().catch(showError)
  if (message.type === 'draft') hearDraft(message).catch(showError)
  if (message.type === 'document') hearFile(message)
  if (message.type === 'picture') replacePicture(message.id, message.picture)
  if (message.type === 'job') {
    tell(message.job.document, message)
    if (before.jobs.get(message.job.id)?.state !== message.job.state) announce(message.job)
  }
  if (message.type === 'event') {
    const job = before.jobs.get(message.job)
    if (job) tell(job.document, message)
    if (message.event.type === 'warning' && !job?.live) warn(message.event.error)
    if (message.event.type === 'file' && job && tabOf(job.document)) tellOfFile(message.event.path)
  }
}

/** Replays the server's jobs for a tab, after it was opened late or the connection was lost. */
export function catchUp(tab: Tab): void {
  const own = [...jobs.getState().jobs.values()].filter((job) => job.document === tab.id)
  for (const state of replayRun(tab.run.getState(), own)) tab.run.setState(state, true)
}

/** Takes back what an earlier server said, and names the jobs that ended with it. */
function startOver(lost: readonly Job[]): void {
  const { tabs } = workspace.getState()
  const lostPictures = tabs.some((tab) => [...tab.run.getState().nodes.values()].some(isPassing))
  for (const tab of tabs) {
    tab.run.setState(withoutServer, true)
    dismiss(failureNotice(tab.id))
    dismiss(liveNotice(tab.id))
  }
  if (lost.length === 0 && !lostPictures) return
  const sentence =
    lost.length > 0
      ? t('shell.restart.lost', { count: lost.length, names: namesOf(lost) })
      : t('shell.restart.lostPictures')
  notify({ kind: 'warning', id: 'lost', persistent: true, message: sentence, hint: t('shell.restart.lostHint') })
}

const isPassing = ({ pictures = [] }: NodeRun): boolean => pictures.some(({ passing }) => passing)

/** Names of jobs at most that a sentence lists. */
const maxNames = 3

function namesOf(lost: readonly Job[]): string {
  const names = [...new Set(lost.map(({ name }) => name))]
  const others = names.length - maxNames
  const shown = names.slice(0, maxNames).join(', ')
  return others > 0 ? t('shell.restart.andMore', { names: shown, count: others }) : shown
}

function showPreview(frame: PreviewFrame): void {
  const job = jobs.getState().jobs.get(frame.job)
  if (job) tell(job.document, { type: 'preview', frame })
}

function tell(document: string, message: RunMessage): void {
  tabOf(document)?.run.setState((state) => reduceRun(state, message), true)
}

const tabOf = (document: string): Tab | undefined => workspace.getState().tabs.find(({ id }) => id === document)

/** Shows a notice for a failed job of this page. A live job fails only on its nodes, because the next one follows. */
function announce({ state, live, document, error }: Job): void {
  if (state !== 'failed' || live || !error || !tabOf(document)) return
  const { message, hint } = error.problems?.[0] ?? error
  notify({ kind: 'error', id: failureNotice(document), message, ...(hint !== undefined && { hint }) })
}

/** Reports a saved model. The server announces the new list of model files itself. */
function tellOfFile(name: string): void {
  notify({ kind: 'success', message: t('shell.run.saved', { name }), hint: t('shell.run.savedHint') })
}

function warn({ message, hint }: { readonly message: string; readonly hint?: string | undefined }): void {
  notify({ kind: 'warning', message, ...(hint !== undefined && { hint }) })
}
