import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cancelled, LoomError } from '#core/errors.ts'
import { type Job, jobRequest, type ServerMessage, serverMessage } from '#core/protocol/jobs.ts'
import type { RunEvent } from '#core/protocol/messages.ts'
import { createMemoryQueue } from './memory-queue.ts'
import type { RunJob, SubmittedJob } from './queue.ts'

const result = { steps: 3, reused: 1, sessions: 0, milliseconds: 5 }
const aFrame = { width: 1, height: 1, rgb: new Uint8Array(3) }

/** A queue whose jobs run until they are told how to end; one that is cancelled ends so. */
function setUp(limits?: Parameters<typeof createMemoryQueue>[2]) {
  const told: ServerMessage[] = []
  const previews: string[] = []
  const ran: SubmittedJob[] = []
  let now: { emit(event: RunEvent): void; end(): void; fail(error: unknown): void } | undefined
  const run: RunJob = (request, { event }, signal) =>
    new Promise((resolve, reject) => {
      ran.push(request)
      now = { emit: event, end: () => resolve(result), fail: reject }
      if (signal.aborted) reject(cancelled())
      signal.addEventListener('abort', () => reject(cancelled()))
    })
  const queue = createMemoryQueue(
    run,
    { tell: (message) => void told.push(serverMessage.parse(message)), preview: ({ job }) => void previews.push(job) },
    limits,
  )
  const submit = (name: string, more: Partial<SubmittedJob> = {}) =>
    queue.submit({ ...jobRequest.parse({ document: name, name, workflow: '{}' }), ...more })
  /** Lets what is under way go on until it waits for the run. */
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  const running = () => {
    if (!now) throw new Error('nothing runs')
    return now
  }
  const end = async () => {
    running().end()
    await settle()
  }
  const names = () => queue.state().order.map((id) => queue.state().jobs.find((job) => job.id === id)?.name)
  const jobNamed = (name: string) => queue.state().jobs.findLast((job) => job.name === name)
  const terminals = () =>
    told.flatMap((message) => (message.type === 'job' && message.job.finished !== undefined ? [message.job.id] : []))
  return { queue, told, previews, ran, submit, settle, running, end, names, jobNamed, terminals }
}

describe('order', () => {
  it('runs one job after the other, as they come', async () => {
    const { submit, settle, ran, names, end, jobNamed, queue } = setUp()
    for (const name of ['a', 'b', 'c']) await submit(name)
    await settle()
    expect(names()).toEqual(['b', 'c'])
    expect(jobNamed('a')?.state).toBe('running')
    for (let count = 0; count < 3; count++) await end()
    expect(ran.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    expect(queue.state().jobs.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
    expect(jobNamed('b')?.result).toEqual(result)
  })

  it('runs first what asks for it, and moves what waits', async () => {
    const { queue, submit, settle, names, jobNamed } = setUp()
    for (const name of ['running', 'a', 'b']) await submit(name)
    await settle()
    await submit('c', { first: true })
    expect(names()).toEqual(['c', 'a', 'b'])
    const id = (name: string) => jobNamed(name)?.id ?? ''
    await queue.move(id('b'), id('a'))
    expect(names()).toEqual(['c', 'b', 'a'])
    await queue.move(id('c'), null)
    expect(names()).toEqual(['b', 'a', 'c'])
    await queue.move(id('a'), id('a'))
    expect(names()).toEqual(['b', 'a', 'c'])
    // what runs was before all that waits
    await queue.move(id('c'), id('running'))
    expect(names()).toEqual(['c', 'b', 'a'])
    await queue.move(id('running'), null)
    expect(names()).toEqual(['c', 'b', 'a'])
  })

  it('goes on after a job that failed, and keeps what was wrong', async () => {
    const { submit, settle, running, jobNamed, end } = setUp()
    await submit('bad')
    await submit('good')
    await settle()
    const problem = new LoomError('range', 'steps is 0.', { node: 'sampler', input: 'steps' })
    running().fail(new LoomError('invalid', 'The workflow has 1 problem.', { cause: [problem] }))
    await settle()
    const { error, state } = jobNamed('bad') ?? {}
    expect(state).toBe('failed')
    expect(error).toEqual({
      code: 'invalid',
      message: 'The workflow has 1 problem.',
      problems: [{ code: 'range', message: 'steps is 0.', node: 'sampler', input: 'steps' }],
    })
    await end()
    expect(jobNamed('good')?.state).toBe('done')
  })
})

describe('cancelling', () => {
  it('takes a waiting job out and ends a running one, each once', async () => {
    const { queue, submit, settle, jobNamed, terminals, names } = setUp()
    const running = await submit('running')
    const waiting = await submit('waiting')
    await settle()
    for (const id of [waiting.id, waiting.id, running.id, running.id]) await queue.cancel(id)
    await settle()
    await queue.cancel(running.id)
    await queue.move(running.id, null)
    expect([jobNamed('running')?.state, jobNamed('waiting')?.state]).toEqual(['cancelled', 'cancelled'])
    expect(terminals()).toEqual([waiting.id, running.id])
    expect(names()).toEqual([])
  })

  it('knows a job that is forgotten from one that never was', async () => {
    const { queue, submit, settle, end } = setUp()
    const { id } = await submit('a')
    await settle()
    await end()
    await queue.clear()
    await queue.clear()
    expect(queue.state().jobs).toEqual([])
    await queue.cancel(id)
    await queue.move(id, null)
    const [prefix, number] = id.split('-')
    for (const never of [
      '',
      id.slice(1),
      `${prefix}-${Number(number) + 1}`,
      `${prefix}-0`,
      `${id}-1`,
      `${prefix}-01`,
    ]) {
      await expect(queue.cancel(never)).rejects.toMatchObject({ code: 'not-found' })
      await expect(queue.move(id, never)).rejects.toMatchObject({ code: 'not-found' })
    }
  })

  it('interrupts what runs and goes on with what waits', async () => {
    const { queue, submit, settle, jobNamed } = setUp()
    await queue.interrupt()
    await submit('a')
    await submit('b')
    await settle()
    await queue.interrupt()
    await settle()
    expect([jobNamed('a')?.state, jobNamed('b')?.state]).toEqual(['cancelled', 'running'])
  })

  it('cancels all that waits at once, and leaves what runs', async () => {
    const { queue, submit, settle, jobNamed, end } = setUp()
    for (const name of ['a', 'b', 'c']) await submit(name)
    await settle()
    await queue.cancelWaiting()
    expect(queue.state().order).toEqual([])
    expect(queue.state().jobs.map(({ state }) => state)).toEqual(['running', 'cancelled', 'cancelled'])
    await queue.cancelWaiting()
    await end()
    expect(jobNamed('a')?.state).toBe('done')
  })

  it('keeps what a job draws, for its row', async () => {
    const { queue, submit } = setUp()
    await submit('a', { about: { prompt: 'a fox', seed: '42' } })
    expect(queue.state().jobs.map(({ about }) => about)).toEqual([{ prompt: 'a fox', seed: '42' }])
  })

  it('ends everything when it closes, and takes no more', async () => {
    const { queue, submit, settle } = setUp()
    for (const name of ['a', 'b', 'c']) await submit(name)
    await settle()
    await queue.close()
    expect(queue.state().jobs.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled'])
    await expect(submit('late')).rejects.toMatchObject({ code: 'limit' })
  })
})

describe('live jobs', () => {
  const live = { live: true }

  it('replace the one of their document that waits, and end the one that runs', async () => {
    const { submit, settle, ran, queue, end, told } = setUp()
    const first = await submit('fox', live)
    await settle()
    const second = await submit('fox', live)
    const third = await submit('fox', live)
    await settle()
    await settle()
    await end()
    expect(ran).toHaveLength(2)
    expect(queue.state().jobs.map(({ id, state }) => [id, state])).toEqual([[third.id, 'done']])
    const forgotten = told.flatMap((message) => (message.type === 'forgotten' ? message.jobs : []))
    expect(forgotten.toSorted()).toEqual([first.id, second.id])
  })

  it('come before what can wait, and leave other documents alone', async () => {
    const { submit, settle, names, queue } = setUp()
    for (const name of ['running', 'a']) await submit(name)
    await settle()
    await submit('owl', live)
    await submit('fox', live)
    await submit('a')
    expect(names()).toEqual(['owl', 'fox', 'a', 'a'])
    await submit('fox', live)
    expect(names()).toEqual(['owl', 'fox', 'a', 'a'])
    expect(queue.state().jobs).toHaveLength(5)
  })
})

describe('limits', () => {
  it('refuses more than may wait', async () => {
    const { submit, settle } = setUp({ waiting: 2, characters: 10, history: 2 })
    await submit('running')
    await settle()
    await submit('a', { workflow: '12345' })
    await expect(submit('b', { workflow: '123456' })).rejects.toMatchObject({ code: 'limit', hint: expect.any(String) })
    await submit('c', { workflow: '12345' })
    await expect(submit('d', { workflow: '' })).rejects.toMatchObject({ code: 'limit' })
  })

  it('forgets the oldest of what is over', async () => {
    const { submit, settle, end, queue } = setUp({ waiting: 10, characters: 100, history: 2 })
    for (const name of ['a', 'b', 'c', 'd']) await submit(name)
    await settle()
    for (let count = 0; count < 3; count++) await end()
    expect(queue.state().jobs.map(({ name }) => name)).toEqual(['b', 'c', 'd'])
  })
})

describe('what is told', () => {
  it('carries events without paths and bytes, and previews apart', async () => {
    const { submit, settle, running, told, previews, end } = setUp()
    const { id } = await submit('a')
    await settle()
    const { emit } = running()
    emit({ type: 'phase', phase: 'sample', node: 'sampler', label: 'lcm' })
    emit({ type: 'preview', node: 'sampler', ...aFrame })
    emit({ type: 'image', path: '/home/fox/picture.png', node: 'save', width: 1, height: 1 })
    emit({ type: 'file', path: '/home/fox/merged.safetensors', node: 'save', bytes: 1 })
    emit({ type: 'warning', error: { code: 'range', message: 'Too much.', stack: 'at /home/fox' } })
    await end()
    expect(previews).toEqual([id])
    expect(JSON.stringify(told)).not.toContain('/home/fox')
    const events = told.flatMap((message) => (message.type === 'event' ? [message.event.type] : []))
    expect(events).toEqual(['phase', 'file', 'warning'])
  })

  it('is enough to know the state, whatever happens', async () => {
    const step = fc.oneof(
      fc.record({ act: fc.constant('submit' as const), of: fc.nat(3), live: fc.boolean(), first: fc.boolean() }),
      fc.record({ act: fc.constantFrom('cancel' as const, 'move' as const), of: fc.nat(9), to: fc.nat(9) }),
      fc.record({ act: fc.constantFrom('end' as const, 'interrupt' as const, 'clear' as const, 'drain' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { queue, submit, settle, told, terminals, running } = setUp({ waiting: 5, characters: 100, history: 3 })
        const ids: string[] = []
        const pick = (index: number) => ids[index % ids.length] ?? ''
        for (const step of steps) {
          if (step.act === 'submit') {
            const { live, first } = step
            await submit(`document-${step.of}`, { live, first }).then(
              ({ id }) => ids.push(id),
              () => {},
            )
          } else if (step.act === 'cancel') await queue.cancel(pick(step.of)).catch(() => {})
          else if (step.act === 'move') await queue.move(pick(step.of), pick(step.to)).catch(() => {})
          else if (step.act === 'interrupt') await queue.interrupt()
          else if (step.act === 'clear') await queue.clear()
          else if (step.act === 'drain') await queue.cancelWaiting()
          else if (queue.state().jobs.some(({ state }) => state === 'running')) running().end()
          await settle()
        }
        await queue.close()
        await settle()
        const { jobs, order } = queue.state()
        expect(rebuilt(told)).toEqual({ jobs, order })
        expect(order).toEqual([])
        // each job that was taken is over exactly once
        expect(terminals().toSorted()).toEqual(ids.toSorted())
      }),
      { numRuns: 200 },
    )
  })
})

/** The state that a client has which only listens. */
function rebuilt(told: readonly ServerMessage[]): { jobs: Job[]; order: readonly string[] } {
  const jobs = new Map<string, Job>()
  let order: readonly string[] = []
  for (const message of told) {
    if (message.type === 'job') jobs.set(message.job.id, message.job)
    if (message.type === 'order') order = message.order
    if (message.type === 'forgotten') for (const id of message.jobs) jobs.delete(id)
  }
  return { jobs: [...jobs.values()], order }
}

it('tells in every job that a picture is gone, and that it is there again under the name that it has then', async () => {
  const picture = (id: string) => ({
    id,
    name: `${id}.png`,
    node: 'save',
    width: 8,
    height: 8,
    made: 0,
    passing: false,
  })
  const run: RunJob = async ({ name }, output) => {
    for (const id of [name, 'shared']) output.picture(picture(id))
    return result
  }
  const told: ServerMessage[] = []
  const queue = createMemoryQueue(run, { tell: (message) => void told.push(message), preview: () => undefined })
  for (const name of ['a', 'b']) await queue.submit(jobRequest.parse({ document: name, name, workflow: '{}' }))
  const pictures = () => queue.state().jobs.map((job) => job.pictures)
  await expect.poll(pictures).toEqual([
    [picture('a'), picture('shared')],
    [picture('b'), picture('shared')],
  ])
  told.length = 0
  queue.changePicture('shared', undefined)
  expect(pictures()).toEqual([
    [picture('a'), { ...picture('shared'), gone: true }],
    [picture('b'), { ...picture('shared'), gone: true }],
  ])
  expect(told.map(({ type }) => type)).toEqual(['job', 'job'])
  queue.changePicture('shared', { ...picture('other'), node: '' })
  expect(pictures()[0]).toEqual([picture('a'), picture('other')])
  told.length = 0
  queue.changePicture('unknown', undefined)
  expect(told).toEqual([])
})
