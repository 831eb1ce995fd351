import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LoomError } from '#core/errors.ts'
import type { RunEvent } from '#core/protocol/messages.ts'
import { type Supervisor, type SupervisorLimits, superviseEngine } from '#main/host/supervisor.ts'

const module = new URL('./acting-engine.ts', import.meta.url).href
/** Halves the start of each process. */
const compileCache = join(tmpdir(), 'latent-loom-test-cache')
let folder: string
let log: string
let supervisor: Supervisor

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loom-host-'))
  start()
})
afterEach(async () => {
  vi.useRealTimers()
  await supervisor.close()
  rmSync(folder, { recursive: true })
})

function start(limits: Partial<SupervisorLimits> = {}, environment: NodeJS.ProcessEnv = {}): void {
  log = ''
  supervisor = superviseEngine({
    module,
    options: { models: ['/models'] },
    environment: { ...process.env, NODE_COMPILE_CACHE: compileCache, ...environment },
    log: (text) => {
      log = (log + text).slice(-10_000)
    },
    limits: { firstBackOff: 1, ...limits },
  })
}

/** Runs an act to its end: what was emitted, and the result or the error. */
async function act(name: string, signal: AbortSignal = new AbortController().signal, heard = () => {}) {
  const events: RunEvent[] = []
  let terminals = 0
  const outcome = await supervisor
    .run(
      {
        document: JSON.stringify({ name }),
        folders: [folder],
        overrides: [],
        seed: '42',
        outputFolder: folder,
        device: 'cpu',
        previews: true,
        verify: false,
      },
      (event) => {
        expect(terminals).toBe(0)
        events.push(event)
        heard()
      },
      signal,
    )
    .catch((error: unknown) => error)
    .finally(() => terminals++)
  const error = outcome instanceof LoomError ? outcome : undefined
  return { events, outcome, error }
}

/** Starts an act, and gives its end as soon as it has said something. */
async function begin(name: string, signal?: AbortSignal) {
  const { promise: begun, resolve: heard } = Promise.withResolvers<void>()
  const end = act(name, signal, heard)
  await begun
  return { end }
}

const warnings = (events: readonly RunEvent[]) => events.filter(({ type }) => type === 'warning')

describe('a run', () => {
  it('carries events in order, bytes as bytes, and ends once', async () => {
    const { events, outcome } = await act('picture')
    expect(events.map(({ type }) => type)).toEqual([
      'phase',
      'phase',
      'step',
      'step',
      'step',
      'step',
      'preview',
      'image',
    ])
    expect(events.flatMap((event) => (event.type === 'step' ? [event.step] : []))).toEqual([1, 2, 3, 4])
    expect(events).toContainEqual({ type: 'preview', width: 1, height: 1, rgb: new Uint8Array([1, 2, 3]) })
    expect(outcome).toMatchObject({ steps: 6, reused: 1, images: [{ node: 'save', seed: '42' }] })
  })

  it('carries an error with node, input, hint and every problem', async () => {
    expect((await act('unreadable')).error).toMatchObject({
      code: 'not-found',
      node: 'checkpoint',
      input: 'file',
      hint: 'Name its folder with --models.',
    })
    const { error } = await act('invalid')
    expect(error).toMatchObject({
      code: 'invalid',
      cause: [{ input: 'steps', hint: 'Use 1 to 50.' }, { input: 'model' }],
    })
  })

  it('waits for the run before it', async () => {
    const order: string[] = []
    await Promise.all(['picture', 'picture'].map((name, index) => act(name).then(() => order.push(`${name} ${index}`))))
    expect(order).toEqual(['picture 0', 'picture 1'])
  })

  it('passes the other methods through', async () => {
    expect(await supervisor.inspect({ file: 'a' })).toMatchObject({ file: 'a', models: ['/models'] })
    expect((await supervisor.devices()).versions).toEqual({ 'onnxruntime-node': '1.2.3' })
  })
})

describe('an engine that computes', () => {
  it('answers meanwhile, stops at a word, and goes on', async () => {
    const controller = new AbortController()
    const { end } = await begin('computing', controller.signal)
    expect((await supervisor.devices()).versions).toEqual({ 'onnxruntime-node': '1.2.3' })
    controller.abort()
    expect((await end).error).toMatchObject({ code: 'cancelled' })
    const { events, outcome } = await act('picture')
    expect(outcome).toMatchObject({ steps: 6 })
    expect(warnings(events)).toEqual([])
  })

  it('ends with the supervisor', async () => {
    const { end } = await begin('computing')
    await supervisor.close()
    expect((await end).error).toMatchObject({ code: 'cancelled' })
  })
})

/** Fault 53: what each way to end is called. */
const deaths: Record<string, { code: string; says: RegExp }> = {
  SIGSEGV: { code: 'engine', says: /memory access violation/ },
  'SIGSEGV-computing': { code: 'engine', says: /memory access violation/ },
  SIGABRT: { code: 'engine', says: /aborted/ },
  SIGKILL: { code: 'memory', says: /memory ran out/ },
  exit: { code: 'engine', says: /ended with code 3/ },
  'exit-zero': { code: 'engine', says: /in the middle of its work/ },
  throw: { code: 'engine', says: /ended with code 1/ },
  'raw-garbage': { code: 'engine', says: /no message/ },
  'malformed-message': { code: 'engine', says: /malformed answer/ },
  'wrong-result': { code: 'engine', says: /call 99, which is not under way/ },
}

describe.each(Object.entries(deaths))('fault 53, the engine process dies: %s', (name, { code, says }) => {
  it('repeats the job once and goes on', async () => {
    const { events, outcome } = await act(`${name} once`)
    expect(outcome).toMatchObject({ steps: 6 })
    expect(warnings(events)).toMatchObject([{ error: { code, message: expect.stringMatching(says) } }])
  })

  it('gives up a job that kills it twice, and serves the next', async () => {
    const { events, error } = await act(name)
    expect(error).toMatchObject({ code, message: expect.stringMatching(says), hint: expect.anything() })
    expect(error?.message).toMatch(/2 times/)
    expect(warnings(events)).toHaveLength(1)
    expect((await act('picture')).outcome).toMatchObject({ steps: 6 })
  })
})

describe('fault 53, the rest', () => {
  it('quotes the last that the process printed', async () => {
    expect((await act('throw')).error?.message).toMatch(/The last that it printed: Error: thrown where nobody catches/)
    expect(log).toContain('native library: device lost')
  })

  it('survives a flood on stdout and stderr', async () => {
    const { events, outcome } = await act('flood')
    expect(outcome).toMatchObject({ steps: 6 })
    expect(warnings(events)).toEqual([])
    expect(log).toContain('flood')
  })

  it('calls a JavaScript heap that ran out by its name', async () => {
    await supervisor.close()
    start({}, { NODE_OPTIONS: '--max-old-space-size=30' })
    expect((await act('heap')).error).toMatchObject({
      code: 'memory',
      message: expect.stringMatching(/ran out of memory/),
    })
  })

  it('ends a process that hangs (SIGSTOP) and repeats the job', async () => {
    await supervisor.close()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    start({ silence: 600_000 })
    const { end } = await begin('SIGSTOP once')
    vi.advanceTimersByTime(600_000)
    vi.useRealTimers()
    const { events, outcome } = await end
    expect(outcome).toMatchObject({ steps: 6 })
    expect(warnings(events)).toMatchObject([{ error: { message: expect.stringMatching(/said nothing/) } }])
  })

  it('says that an engine cannot be loaded, without a restart', async () => {
    await supervisor.close()
    supervisor = superviseEngine({ module: 'file:///nowhere/engine.ts', options: {}, environment: process.env })
    const { events, error } = await act('picture')
    expect(error).toMatchObject({ code: 'engine', message: expect.stringMatching(/could not be loaded/) })
    expect(events).toEqual([])
  })
})

describe('fault 56, cancellation', () => {
  /** Cancels as soon as the run says something. */
  async function cancelDuring(name: string) {
    const controller = new AbortController()
    const { end } = await begin(name, controller.signal)
    controller.abort()
    const start = performance.now()
    const { error } = await end
    return { error, milliseconds: performance.now() - start }
  }

  it('stops between steps', async () => {
    await supervisor.close()
    start({ cancelGrace: 2 ** 31 - 1 })
    expect((await cancelDuring('slow')).error?.code).toBe('cancelled')
    expect((await act('picture')).outcome).toMatchObject({ steps: 6 })
  })

  it.each(['deaf', 'SIGSTOP'])('kills a process that does not heed it, after a grace: %s', async (name) => {
    await supervisor.close()
    start({ cancelGrace: 300 })
    const { error, milliseconds } = await cancelDuring(name)
    expect(error?.code).toBe('cancelled')
    expect(milliseconds).toBeGreaterThan(250)
    expect((await act('picture')).outcome).toMatchObject({ steps: 6 })
  })

  it('ends at once when killed', async () => {
    const { end } = await begin('SIGSTOP')
    supervisor.kill()
    expect((await end).error?.code).toBe('cancelled')
  })

  it('drops a run that still waits', async () => {
    const first = new AbortController()
    const second = new AbortController()
    const running = act('slow', first.signal)
    const waiting = act('picture', second.signal)
    second.abort()
    const { error, events } = await waiting
    expect(error?.code).toBe('cancelled')
    expect(events).toEqual([])
    first.abort()
    expect((await running).error?.code).toBe('cancelled')
  })

  it('changes nothing before the start or after the end', async () => {
    expect((await act('picture', AbortSignal.abort())).error?.code).toBe('cancelled')
    const controller = new AbortController()
    const { outcome } = await act('picture', controller.signal)
    controller.abort()
    expect(outcome).toMatchObject({ steps: 6 })
    expect((await act('picture')).outcome).toMatchObject({ steps: 6 })
  })
})
