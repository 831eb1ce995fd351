import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cancelled, LoomError } from '#core/errors.ts'
import { createClient, type Handlers, serve, type Transport } from './channel.ts'
import { fromErrorData, toErrorData } from './error-data.ts'
import type { RunEvent } from './messages.ts'

type Listener = Parameters<Transport['listen']>[0]

interface End extends Transport {
  /** Delivers a message to this end. */
  receive(message: unknown): void
  readonly sent: unknown[]
  readonly isClosed: () => boolean
}

function openEnd(deliver: (message: unknown) => void = () => {}): End {
  let listener: Listener | undefined
  let open = true
  const sent: unknown[] = []
  return {
    sent,
    isClosed: () => !open,
    send(message) {
      sent.push(message)
      deliver(message)
    },
    listen(on) {
      listener = on
    },
    receive: (message) => listener?.message(message),
    close() {
      if (!open) return
      open = false
      listener?.close(new LoomError('engine', 'The other end closed.'))
    },
  }
}

/** Two connected ends. A message from one arrives at the other in a later microtask. */
function pair(): { near: End; far: End } {
  const later = (to: () => End) => (message: unknown) => queueMicrotask(() => to().receive(structuredClone(message)))
  const near: End = openEnd(later(() => far))
  const far: End = openEnd(later(() => near))
  return { near, far }
}

const params = {
  document: '{}',
  folders: ['/'],
  overrides: [],
  outputFolder: '/',
  device: 'cpu' as const,
  previews: false,
  verify: false,
}
const done = { images: [], steps: 1, reused: 0, sessions: 0, milliseconds: 1 }
const step = (number: number): RunEvent => ({ type: 'step', step: number, steps: 3 })

const idle: Handlers = {
  run: async () => done,
  validate: async () => ({ problems: [], advice: [] }),
  inspect: async ({ file }) => ({ file }),
  devices: async () => ({ devices: [], versions: {} }),
}

function connect(handlers: Partial<Handlers>) {
  const { near, far } = pair()
  let closed: LoomError | undefined
  serve(far, { ...idle, ...handlers }, (reason) => {
    closed = reason
  })
  return { client: createClient(near), near, far, serverClosed: () => closed }
}

describe('a call', () => {
  it('gets its events in order and then its result', async () => {
    const { client } = connect({
      async run(_params, { emit }) {
        for (const number of [1, 2, 3]) emit(step(number))
        return done
      },
    })
    const events: RunEvent[] = []
    expect(await client.call('run', params, { emit: (event) => events.push(event) })).toEqual(done)
    expect(events).toEqual([1, 2, 3].map(step))
  })

  it('gets no event after its answer', async () => {
    let late = () => {}
    const { client } = connect({
      async run(_params, { emit }) {
        late = () => emit(step(1))
        return done
      },
    })
    const events: RunEvent[] = []
    await client.call('run', params, { emit: (event) => events.push(event) })
    late()
    expect(await client.call('inspect', { file: 'still open' })).toEqual({ file: 'still open' })
    expect(events).toEqual([])
  })

  it('is cancelled by its signal and answers as the other side decides', async () => {
    const { client } = connect({
      run: (_params, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(cancelled()))),
    })
    const controller = new AbortController()
    const running = client.call('run', params, { signal: controller.signal })
    controller.abort()
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
    await expect(client.call('run', params, { signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('rejects with one sentence, as do all others, when the channel closes', async () => {
    const { client, near } = connect({ run: () => new Promise(() => {}) })
    const running = [client.call('run', params), client.call('run', params)]
    near.close()
    for (const call of running) await expect(call).rejects.toMatchObject({ message: 'The other end closed.' })
    await expect(client.call('devices', {})).rejects.toBe(client.closed)
  })

  it('carries what is thrown that is no LoomError as internal', async () => {
    const { client } = connect({ inspect: () => Promise.reject(new TypeError('x is undefined')) })
    await expect(client.call('inspect', { file: 'a' })).rejects.toMatchObject({
      code: 'internal',
      message: 'Latent Loom failed: x is undefined',
      stack: expect.stringContaining('channel.test.ts'),
    })
  })
})

describe('a side that does not keep to the protocol', () => {
  it('gets no wrong result past the client', async () => {
    const near = openEnd()
    const client = createClient(near)
    const call = client.call('run', params)
    near.receive({ type: 'result', id: 1, result: { images: 'many' } })
    await expect(call).rejects.toMatchObject({
      code: 'engine',
      message: expect.stringMatching(/result of run at images/),
    })
    expect(near.isClosed()).toBe(true)
  })

  it('gets no wrong params past the server', () => {
    const far = openEnd()
    let reason: LoomError | undefined
    serve(far, idle, (why) => {
      reason = why
    })
    far.receive({ id: 1, method: 'run', params: { ...params, device: 'toaster' } })
    expect(reason).toMatchObject({ code: 'engine', message: expect.stringMatching(/call of run at device/) })
    expect(far.isClosed()).toBe(true)
  })

  const hostile = fc.oneof(
    fc.anything(),
    fc.record({ id: fc.anything(), type: fc.constantFrom('event', 'result', 'error'), result: fc.anything() }),
    fc.record({
      id: fc.constant(1),
      type: fc.constantFrom('event', 'error'),
      event: fc.anything(),
      error: fc.anything(),
    }),
    fc.record({
      id: fc.integer(),
      method: fc.constantFrom('run', 'cancel', 'inspect', 'toString'),
      params: fc.anything(),
    }),
  )

  it('makes nothing but LoomErrors in a client, which settles every call', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 5 }), async (messages) => {
        const near = openEnd()
        const client = createClient(near)
        const call = client.call('devices', {}).then(
          () => undefined,
          (error: unknown) => error,
        )
        for (const message of messages) near.receive(message)
        near.close()
        const outcome = await call
        expect(outcome === undefined || outcome instanceof LoomError).toBe(true)
        expect(client.closed).toBeInstanceOf(LoomError)
      }),
    )
  })

  it('makes nothing but a closed channel in a server', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 5 }), async (messages) => {
        const far = openEnd()
        const reasons: LoomError[] = []
        serve(far, idle, (reason) => reasons.push(reason))
        for (const message of messages) far.receive(message)
        far.close()
        expect(reasons).toHaveLength(1)
        expect(reasons[0]).toBeInstanceOf(LoomError)
      }),
    )
  })
})

it('errors survive the wire', () => {
  const text = fc.option(fc.string(), { nil: undefined })
  const details = fc.record({ node: text, input: text, hint: text })
  const single = fc
    .tuple(fc.constantFrom('parse' as const, 'io' as const), fc.string(), details)
    .map(([code, message, rest]) => new LoomError(code, message, rest))
  const any = fc.oneof(
    single,
    fc.array(single, { minLength: 1 }).map((cause) => new LoomError('invalid', 'problems', { cause })),
  )
  fc.assert(
    fc.property(any, (error) => {
      const { code, message, node, input, hint, stack } = error
      const back = fromErrorData(structuredClone(toErrorData(error)))
      expect(back).toMatchObject({ code, message, node, input, hint, stack })
      expect(toErrorData(back)).toEqual(toErrorData(error))
    }),
  )
})
