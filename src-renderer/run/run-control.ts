import { produce } from 'immer'
import type { LoomError } from '#core/errors.ts'
import { call } from '../api/client.ts'
import { seedsToRun, writeSeeds } from '../commands/seeds.ts'
import { jobs } from '../store/jobs.ts'
import { library } from '../store/library.ts'
import type { Tab } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { dismiss, notify } from '../ui/notices.ts'
import { aboutRun } from './about-run.ts'
import { problemsToRun } from './problems-to-run.ts'
import { withSeeds } from './reduce-run.ts'
import { requestOf } from './request.ts'
import { revealNode } from './reveal-node.ts'
import { runningJob } from './running-job.ts'

interface RunOptions {
  /** Runs before all waiting jobs. */
  readonly first?: boolean
  /** Runs only these nodes (ids of the flat graph) and their dependencies. */
  readonly targets?: readonly string[]
}

/** The pending request of each tab. The next request waits for it, because its seeds follow from those of this one. */
const underWay = new WeakMap<Tab, Promise<void>>()

/**
 * Queues the current document with the seeds that come next. If the document cannot run, a notice shows why.
 * @throws LoomError the server's error; the same seeds come next then
 */
export function run(tab: Tab, options: RunOptions = {}): Promise<void> {
  const before = underWay.get(tab) ?? Promise.resolve()
  const now = before.catch(() => undefined).then(() => submit(tab, options))
  underWay.set(tab, now)
  return now
}

/** Runs some nodes and their dependencies with the seeds in the document, and shows the results. */
export const runTo = (tab: Tab, targets: readonly string[]): Promise<void> => run(tab, { targets })

async function submit(tab: Tab, { first = false, targets }: RunOptions): Promise<void> {
  const { workflow } = tab.document.getState()
  const { facts } = library.getState()
  const problems = problemsToRun(workflow, facts, targets)
  if (problems.length > 0) return refuse(tab, problems)
  dismiss(failureNotice(tab.id))
  const seeds = targets ? undefined : seedsToRun(workflow, tab.run.getState())
  const sent = seeds ? produce(workflow, writeSeeds(workflow, seeds)) : workflow
  const about = aboutRun(sent, facts, targets)
  const job = await call('submitJob', {
    ...requestOf(tab, sent),
    ...(about && { about }),
    ...(seeds && { seeds }),
    first,
    ...(targets && { targets: [...targets] }),
  })
  tab.run.setState((state) => withSeeds(state, job), true)
}

/** Notice id for failed runs of a document, so that each notice replaces the one before. */
export const failureNotice = (document: string): string => `failed ${document}`

/** Shows a notice that problems prevent the run. The nodes show the problems themselves. */
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

/** The job that was last asked to end. */
let told: string | undefined

/**
 * Ends the running job. A second call for the same job kills its process, which unloads the models.
 * @throws LoomError as `call`
 */
export async function interrupt(): Promise<void> {
  const job = runningJob(jobs.getState())
  if (!job) return
  const force = told === job.id
  told = job.id
  await call('interrupt', { force })
}
