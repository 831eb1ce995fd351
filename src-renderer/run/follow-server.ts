import type { Job, ServerMessage } from '#core/protocol/jobs.ts'
import type { PreviewFrame } from '#core/protocol/preview-frame.ts'
import { connectEvents } from '../api/events.ts'
import { jobs } from '../store/jobs.ts'
import { loadModels } from '../store/library.ts'
import { replacePicture } from '../store/pictures.ts'
import { type Tab, workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { notify, showError } from '../ui/notices.ts'
import { newestFrames } from './newest-frames.ts'
import { reduceJobs } from './reduce-jobs.ts'
import { type RunMessage, reduceRun, replayRun } from './reduce-run.ts'
import { failureNotice } from './run-control.ts'

/** Updates the stores from the server's messages. */
export function followServer(): void {
  connectEvents({
    message: receive,
    preview: newestFrames(showPreview, requestAnimationFrame),
    state: (connection) => jobs.setState({ connection }),
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
  jobs.setState(reduceJobs(before, message), true)
  if (message.type === 'hello') workspace.getState().tabs.forEach(catchUp)
  if (message.type === 'hello' || message.type === 'models') loadModels().catch(showError)
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
  if (own.length > 0) tab.run.setState((state) => replayRun(state, own), true)
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
