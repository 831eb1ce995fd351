import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { toErrorData, withoutStack } from '#core/protocol/error-data.ts'
import type { Job } from '#core/protocol/jobs.ts'
import type { RunEvent } from '#core/protocol/messages.ts'
import { createEstimator } from './progress.ts'
import type { JobQueue, QueueListener, RunJob, SubmittedJob } from './queue.ts'

interface QueueLimits {
  /** Waiting jobs at most. */
  readonly waiting: number
  /** Characters that the workflows of all waiting jobs have together at most. */
  readonly characters: number
  /** Finished jobs that are remembered at most. */
  readonly history: number
}

const defaultLimits: QueueLimits = { waiting: 1000, characters: 512 * 2 ** 20, history: 200 }

interface Running {
  readonly id: string
  readonly controller: AbortController
}

/** A queue in memory. It lives as long as the process. */
export function createMemoryQueue(run: RunJob, listener: QueueListener, limits: QueueLimits = defaultLimits): JobQueue {
  const estimator = createEstimator()
  const given = issueIds()
  /** Every remembered job by id, the oldest first. */
  const jobs = new Map<string, Job>()
  /** The work of waiting jobs; removed once they run. */
  const requests = new Map<string, SubmittedJob>()
  /** Live jobs that a newer job of their document replaced. They are forgotten when they end. */
  const superseded = new Set<string>()
  let order: string[] = []
  let running: Running | undefined
  let working: Promise<void> | undefined
  let closed = false

  function change(id: string, changes: Partial<Job>): Job {
    const before = jobs.get(id)
    if (!before) throw new LoomError('internal', `The queue lost job ${id}.`)
    const job = { ...before, ...changes }
    jobs.set(id, job)
    listener.tell({ type: 'job', job })
    return job
  }

  function reorder(next: string[]): void {
    order = next
    listener.tell({ type: 'order', order })
  }

  /** The one place where a job gets its terminal state. */
  function finish(id: string, changes: Pick<Job, 'state'> & Partial<Job>): void {
    change(id, { ...changes, finished: Date.now() })
    if (superseded.delete(id)) forget([id])
    const over = [...jobs.values()].filter(isOver)
    forget(over.slice(0, Math.max(0, over.length - limits.history)).map((job) => job.id))
  }

  function forget(ids: string[]): void {
    if (ids.length === 0) return
    for (const id of ids) jobs.delete(id)
    listener.tell({ type: 'forgotten', jobs: ids })
  }

  /** Removes a job from the waiting ones. */
  function drop(id: string): void {
    requests.delete(id)
    reorder(order.filter((other) => other !== id))
    finish(id, { state: 'cancelled' })
  }

  function supersede(document: string): void {
    for (const job of [...jobs.values()]) {
      if (!job.live || job.document !== document) continue
      superseded.add(job.id)
      if (job.id === running?.id) running.controller.abort()
      else if (requests.has(job.id)) drop(job.id)
      else if (superseded.delete(job.id)) forget([job.id])
    }
  }

  /** The place of a new job: live jobs come before all others, each group in the order of arrival. */
  function placeOf({ first, live }: SubmittedJob): number {
    if (first) return 0
    if (!live) return order.length
    const at = order.findIndex((id) => !jobs.get(id)?.live)
    return at < 0 ? order.length : at
  }

  function requireRoom({ workflow }: SubmittedJob): void {
    let characters = workflow.length
    for (const request of requests.values()) characters += request.workflow.length
    if (closed || order.length >= limits.waiting || characters > limits.characters) {
      throw new LoomError('limit', `${order.length} jobs wait already.`, {
        hint: 'Wait until some are done, or cancel some.',
      })
    }
  }

  async function work(): Promise<void> {
    for (;;) {
      const [id, ...rest] = order
      const request = id === undefined ? undefined : requests.get(id)
      if (id === undefined || request === undefined) return
      requests.delete(id)
      running = { id, controller: new AbortController() }
      reorder(rest)
      await execute(running, request)
      running = undefined
    }
  }

  async function execute({ id, controller: { signal } }: Running, request: SubmittedJob): Promise<void> {
    const progress = estimator.follow(request.document)
    change(id, { state: 'running', started: Date.now() })
    const event = (happened: RunEvent) => {
      if (happened.type === 'preview') {
        const { type: _, node = '', ...preview } = happened
        listener.preview({ job: id, node, ...preview })
        return
      }
      const told = publicEvent(happened)
      if (told) listener.tell({ type: 'event', job: id, event: told })
      const now = progress.see(happened)
      if (now) change(id, { progress: now })
    }
    try {
      const output = { event, picture: addPicture(id) }
      const { steps, reused, sessions, milliseconds } = await run(request, output, signal)
      progress.end(true)
      finish(id, { state: 'done', result: { steps, reused, sessions, milliseconds } })
    } catch (error) {
      progress.end(false)
      if (error instanceof LoomError && error.code === 'cancelled') finish(id, { state: 'cancelled' })
      else finish(id, { state: 'failed', error: withoutStack(toErrorData(error)) })
    }
  }

  const addPicture =
    (id: string) =>
    (picture: Job['pictures'][number]): void => {
      change(id, { pictures: [...(jobs.get(id)?.pictures ?? []), picture] })
    }

  return {
    state: () => ({ jobs: [...jobs.values()], order }),
    async submit(request) {
      requireRoom(request)
      if (request.live) supersede(request.document)
      const id = given.next()
      const { document, name, about, live, seeds } = request
      const job: Job = {
        id,
        document,
        name,
        ...(about && { about }),
        live,
        state: 'waiting',
        submitted: Date.now(),
        pictures: [],
        ...(seeds && { seeds }),
      }
      jobs.set(id, job)
      requests.set(id, request)
      listener.tell({ type: 'job', job })
      reorder(order.toSpliced(placeOf(request), 0, id))
      // starts after the caller has its answer
      working ??= Promise.resolve()
        .then(work)
        .finally(() => {
          working = undefined
        })
      return job
    },
    async cancel(id) {
      given.require(id)
      if (id === running?.id) running.controller.abort()
      else if (requests.has(id)) drop(id)
    },
    async move(id, before) {
      given.require(id)
      if (before !== null) given.require(before)
      if (!requests.has(id) || id === before) return
      const others = order.filter((other) => other !== id)
      // a job that no longer waits was before all waiting ones
      const at = before === null ? others.length : Math.max(others.indexOf(before), 0)
      reorder(others.toSpliced(at, 0, id))
    },
    async cancelWaiting() {
      for (const id of order) drop(id)
    },
    async interrupt() {
      running?.controller.abort()
    },
    async clear() {
      forget([...jobs.values()].filter(isOver).map(({ id }) => id))
    },
    changePicture(id, picture) {
      for (const job of [...jobs.values()]) {
        const place = job.pictures.findIndex((known) => known.id === id)
        const known = job.pictures[place]
        if (!known) continue
        const now = picture ? { ...picture, node: known.node } : { ...known, gone: true }
        change(job.id, { pictures: job.pictures.with(place, now) })
      }
    },
    async close() {
      closed = true
      for (const id of order) drop(id)
      running?.controller.abort()
      await working
    },
  }
}

const isOver = ({ finished }: Job): boolean => finished !== undefined

/** The event as clients see it: the picture's id or the model's name in place of a path. */
function publicEvent(event: RunEvent): Exclude<RunEvent, { type: 'preview' | 'image' | 'dump' }> | undefined {
  if (event.type === 'preview' || event.type === 'image' || event.type === 'dump') return undefined
  if (event.type === 'file') return { ...event, path: basename(event.path) }
  return event.type === 'warning' ? { ...event, error: withoutStack(event.error) } : event
}

/** Gives ids in ascending order, so that a forgotten id can be told from one that never existed. */
function issueIds() {
  const prefix = randomBytes(6).toString('hex')
  let last = 0
  return {
    next: () => `${prefix}-${++last}`,
    /** @throws LoomError `not-found` */
    require(id: string): void {
      const [start, number = ''] = id.split('-')
      if (start === prefix && /^[1-9]\d{0,14}$/.test(number) && Number(number) <= last && id === `${start}-${number}`)
        return
      throw new LoomError('not-found', 'There is no such job.')
    },
  }
}
