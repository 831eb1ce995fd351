import type { LoomError } from '#core/errors.ts'
import type { JobRequest } from '#core/protocol/jobs.ts'
import { factsOf } from '#core/types/facts.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { call } from '../api/client.ts'
import { notify } from '../shell/notices.ts'
import { jobs } from '../store/jobs.ts'
import { library } from '../store/library.ts'
import { settings } from '../store/settings.ts'
import { ui } from '../store/ui.ts'
import { type Tab, workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { titleOf } from '../workspace/title.ts'
import { problemsToRun } from './problems-to-run.ts'
import { runningJob } from './running-job.ts'

interface RunOptions {
  /** Before all that waits. */
  readonly first?: boolean
  /** Ids of the flat graph: only these nodes and what they need. */
  readonly targets?: readonly string[]
}

/** The request under way of each tab: the next one waits for it, so that it takes the seed that this one leaves. */
const underWay = new WeakMap<Tab, Promise<void>>()

/**
 * Sends the document to the queue as it is now, then moves its seeds on. A document that cannot run is not sent; a notice says why.
 * @throws LoomError what the server answered; the seeds stay then
 */
export function run(tab: Tab, options: RunOptions = {}): Promise<void> {
  const before = underWay.get(tab) ?? Promise.resolve()
  const now = before.catch(() => undefined).then(() => submit(tab, options))
  underWay.set(tab, now)
  return now
}

/** Runs some nodes and what they need, and shows what they give. */
export const runTo = (tab: Tab, targets: readonly string[]): Promise<void> => run(tab, { targets })

async function submit(tab: Tab, { first = false, targets }: RunOptions): Promise<void> {
  const { workflow } = tab.document.getState()
  const problems = problemsToRun(workflow, factsOf(library.getState().facts), targets)
  if (problems.length > 0) return refuse(tab, problems)
  await call('submitJob', { ...requestOf(tab), first, ...(targets && { targets: [...targets] }) })
}

/** The document of a tab as a job. */
export function requestOf(tab: Tab): JobRequest {
  const file = workspace.getState().files.get(tab.id)
  return {
    document: tab.id,
    name: titleOf(tab),
    ...(file && { file: file.id }),
    workflow: printWorkflow(tab.document.getState().workflow),
    device: 'auto',
  }
}

function refuse(tab: Tab, problems: readonly LoomError[]): void {
  const [first] = problems
  if (!first) return
  const { message, hint, node } = first
  notify({
    kind: 'error',
    id: `failed ${tab.id}`,
    message: problems.length > 1 ? t('shell.run.problems', { count: problems.length - 1, message }) : message,
    ...(hint !== undefined && { hint }),
    ...(node !== undefined && { actions: [{ label: t('shell.run.showNode'), perform: () => showNode(tab, node) }] }),
  })
}

function showNode(tab: Tab, node: string): void {
  ui.setState({ right: 'node' })
}

/**
 * Ends the running job. If it was told so before and still runs, its process is ended, which costs the loaded models.
 * @throws LoomError as `call`
 */
export async function interrupt(): Promise<void> {
  const job = runningJob(jobs.getState())
  if (!job) return
  const force = told === job.id
  told = job.id
  await call('interrupt', { force })
}

/** The job that was told to end last. */
let told: string | undefined
