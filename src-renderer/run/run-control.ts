import type { LoomError } from '#core/errors.ts'
import { call } from '../api/client.ts'
import { advanceSeeds } from '../commands/seeds.ts'
import { commitTo } from '../store/history.ts'
import { jobs } from '../store/jobs.ts'
import { library } from '../store/library.ts'
import type { Tab } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { dismiss, notify } from '../ui/notices.ts'
import { problemsToRun } from './problems-to-run.ts'
import { requestOf } from './request.ts'
import { revealNode } from './reveal-node.ts'
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

/** Runs some nodes and what they need, and shows what they give; seeds stay, so that the run for the rest reuses it. */
export const runTo = (tab: Tab, targets: readonly string[]): Promise<void> => run(tab, { targets })

async function submit(tab: Tab, { first = false, targets }: RunOptions): Promise<void> {
  const { workflow } = tab.document.getState()
  const problems = problemsToRun(workflow, library.getState().facts, targets)
  if (problems.length > 0) return refuse(tab, problems)
  dismiss(failureNotice(tab.id))
  await call('submitJob', { ...requestOf(tab), first, ...(targets && { targets: [...targets] }) })
  const seeds = targets ? undefined : advanceSeeds(tab.document.getState().workflow)
  if (seeds) commitTo(tab, seeds)
}

/** A notice of a run that failed is replaced by that of the next. */
export const failureNotice = (document: string): string => `failed ${document}`

/** What is wrong is marked on the nodes anyway; the notice says that this is why nothing runs. */
function refuse(tab: Tab, [first, ...others]: readonly LoomError[]): void {
  if (!first) return
  const { message, hint, node } = first
  notify({
    kind: 'error',
    id: failureNotice(tab.id),
    message: others.length > 0 ? t('shell.run.problems', { message, count: others.length }) : message,
    ...(hint !== undefined && { hint }),
    ...(node !== undefined && { actions: [{ label: t('shell.run.showNode'), perform: () => revealNode(tab, node) }] }),
  })
}

/** The job that was told to end last. */
let told: string | undefined

/**
 * Ends the running job. One that was told so before and still runs is ended with its process, which costs the loaded models.
 * @throws LoomError as `call`
 */
export async function interrupt(): Promise<void> {
  const job = runningJob(jobs.getState())
  if (!job) return
  const force = told === job.id
  told = job.id
  await call('interrupt', { force })
}
