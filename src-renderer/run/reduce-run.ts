import type { Job, Picture, ServerMessage } from '#core/protocol/jobs.ts'
import type { ErrorData, RunEvent } from '#core/protocol/messages.ts'
import type { PreviewFrame } from '#core/protocol/preview-frame.ts'
import type { NodeRun, RunState, SeedRun } from '../store/run-store.ts'

/** Messages of the server about a document's run. */
export type RunMessage =
  | Extract<ServerMessage, { readonly type: 'job' | 'event' }>
  | { readonly type: 'preview'; readonly frame: PreviewFrame }

/** The run state after a message. Keeps its identity if the message does not concern it. */
export function reduceRun(state: RunState, message: RunMessage): RunState {
  switch (message.type) {
    case 'job': {
      const left = withSeeds(withoutGone(state, message.job), message.job)
      return concerns(message.job, left.job) ? withJob(left, message.job) : left
    }
    case 'event':
      return message.job === state.job?.id ? withEvent(state, message.event) : state
    case 'preview':
      return message.frame.job === state.job?.id ? withPreview(state, message.frame) : state
  }
}

/**
 * The run states after a reconnection, from the server's jobs of the document in any order. The last one counts, but the
 * document has to show the seeds of each.
 */
export function* replayRun(state: RunState, jobs: readonly Job[]): Generator<RunState> {
  let known: RunState = { ...state, job: undefined, nodes: new Map(settled(state.nodes)) }
  yield known
  for (const job of jobs.toSorted((a, b) => a.submitted - b.submitted)) {
    known = reduceRun(known, { type: 'job', job })
    yield known
  }
}

/** The run state once the server that it came from has ended: only what lies on its disk is left. */
export function withoutServer(state: RunState): RunState {
  const isUnderWay = state.job !== undefined && state.job.finished === undefined
  const nodes = settled(state.nodes).map(([id, { pictures, preview, ...run }]): [string, NodeRun] => {
    const saved = pictures?.filter(({ passing }) => !passing) ?? []
    const isLost = isUnderWay && ['running', 'done'].includes(state.nodes.get(id)?.state ?? '')
    return [id, { ...run, ...(preview && !isLost && { preview }), ...(saved.length > 0 && { pictures: saved }) }]
  })
  return { ...state, job: undefined, nodes: new Map(nodes) }
}

/** Whether to show a job instead of the current one. A running job comes first, then the newest. */
function concerns(next: Job, current: Job | undefined): boolean {
  if (!current || next.id === current.id) return true
  if (current.state === 'running') return next.state === 'running'
  return next.state === 'running' || next.submitted >= current.submitted
}

function withJob(state: RunState, job: Job): RunState {
  const nodes = new Map(job.id === state.job?.id ? state.nodes : settled(state.nodes))
  // also of nodes whose pictures are deleted, because those of an earlier job have other seeds
  for (const [node, drawn] of Map.groupBy(job.pictures, (picture) => picture.node)) {
    const { pictures, ...run } = nodes.get(node) ?? idle
    const left = drawn.filter(({ gone }) => !gone)
    if (!samePictures(pictures, left)) nodes.set(node, { ...run, ...(left.length > 0 && { pictures: left }) })
  }
  if (job.state === 'running') showProgress(nodes, job)
  if (job.state === 'done') finish(nodes, 'done')
  if (job.state === 'cancelled') finish(nodes, 'idle')
  if (job.state === 'failed') {
    finish(nodes, 'idle')
    for (const error of job.error?.problems ?? (job.error ? [job.error] : [])) fail(nodes, error)
  }
  return { ...state, job, nodes }
}

/** Notes the seeds of a job if it is newer than what is known. Live runs and those of some nodes change no seed. */
export function withSeeds(
  state: RunState,
  { id: job, submitted: at, seeds, live, state: is, pictures }: Job,
): RunState {
  if (live || !seeds) return state
  const isNewer = (known: SeedRun) => at >= known.at && job !== known.job
  const run = { job, at, seeds }
  const sent = isNewer(state.sent) ? run : state.sent
  const drawn = (is === 'done' || pictures.length > 0) && isNewer(state.drawn) ? run : state.drawn
  return sent === state.sent && drawn === state.drawn ? state : { ...state, sent, drawn }
}

/** Takes the deleted pictures of any job from the nodes. */
function withoutGone(state: RunState, job: Job): RunState {
  const gone = new Set(job.pictures.flatMap((picture) => (picture.gone ? [picture.id] : [])))
  const nodes = new Map(state.nodes)
  for (const [id, { pictures, ...run }] of state.nodes) {
    const left = pictures?.filter((picture) => !gone.has(picture.id)) ?? []
    if (left.length < (pictures?.length ?? 0)) nodes.set(id, { ...run, ...(left.length > 0 && { pictures: left }) })
  }
  return gone.size > 0 ? { ...state, nodes } : state
}

const idle: NodeRun = { state: 'idle' }

/** Keeps only the results of the nodes for a new run, and removes their states and errors. */
function settled(nodes: ReadonlyMap<string, NodeRun>): [string, NodeRun][] {
  return [...nodes].map(([id, { preview, pictures, saved }]) => [
    id,
    { state: 'idle', ...(preview && { preview }), ...(pictures && { pictures }), ...(saved && { saved }) },
  ])
}

function samePictures(a: readonly Picture[] | undefined, b: readonly Picture[]): boolean {
  return a?.length === b.length && a.every(({ id }, index) => id === b[index]?.id)
}

/** Sets the active node from the job, for a page that missed earlier events. */
function showProgress(nodes: Map<string, NodeRun>, { progress }: Job): void {
  if (progress?.node === undefined) return
  const known = nodes.get(progress.node) ?? idle
  if (known.state === 'idle' || known.state === 'waiting') nodes.set(progress.node, running(known, progress))
}

function running(known: NodeRun, { step, steps }: { step?: number | undefined; steps?: number | undefined }): NodeRun {
  return { ...known, state: 'running', ...(step !== undefined && { step }), ...(steps !== undefined && { steps }) }
}

/** Ends the active state of all nodes when their job is over. */
function finish(nodes: Map<string, NodeRun>, state: 'done' | 'idle'): void {
  for (const [id, run] of nodes) {
    if (run.state === 'running') nodes.set(id, { ...run, state })
    else if (run.state === 'waiting') nodes.set(id, { ...run, state: 'idle' })
  }
}

function fail(nodes: Map<string, NodeRun>, error: ErrorData): void {
  if (error.node !== undefined) nodes.set(error.node, { ...(nodes.get(error.node) ?? idle), state: 'failed', error })
}

function withEvent(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'plan': {
      const nodes = new Map(settled(state.nodes))
      for (const { node, reused } of event.nodes) {
        nodes.set(node, { ...(nodes.get(node) ?? idle), state: reused ? 'reused' : 'waiting' })
      }
      return { ...state, nodes }
    }
    case 'phase':
      return patched(state, event.node, (run) => running(run, {}))
    case 'step':
      return patched(state, event.node, (run) => running(run, event))
    case 'node-done':
      return patched(state, event.node, (run) => (run.state === 'reused' ? run : { ...run, state: 'done' }))
    case 'file': {
      const saved = { name: event.path, bytes: event.bytes }
      return patched(state, event.node, (run) => ({ ...run, saved }))
    }
    case 'warning':
      return patched(state, event.error.node, (run) => ({ ...run, warning: event.error }))
    // pictures arrive with the job, and previews as binary frames
    case 'image':
    case 'preview':
    case 'dump':
    case 'explain':
    case 'memory':
      return state
  }
}

/** Adds a preview. The last one may arrive after its node is done, because frames are delayed; the state then stays. */
function withPreview(state: RunState, frame: PreviewFrame): RunState {
  return patched(state, frame.node, (run) => ({
    ...run,
    preview: frame,
    state: run.state === 'done' || run.state === 'failed' ? run.state : 'running',
  }))
}

function patched(state: RunState, node: string | undefined, change: (run: NodeRun) => NodeRun): RunState {
  if (node === undefined) return state
  const known = state.nodes.get(node) ?? idle
  const next = change(known)
  return next === known ? state : { ...state, nodes: new Map(state.nodes).set(node, next) }
}
