import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Job, Picture, ServerMessage } from '#core/protocol/jobs.ts'
import { job } from '#test/job.ts'
import { Unreachable } from '../api/client.ts'
import { jobs } from '../store/jobs.ts'
import { workspace } from '../store/workspace.ts'
import { notices, showError } from '../ui/notices.ts'
import { createTab } from '../workspace/tabs.ts'
import { followServer } from './follow-server.ts'

const sockets: EventTarget[] = []

class FakeSocket extends EventTarget {
  constructor() {
    super()
    sockets.push(this)
  }
}

const say = (message: ServerMessage) =>
  sockets.at(-1)?.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }))
const open = () => sockets.at(-1)?.dispatchEvent(new Event('open'))

/** Loses the connection and makes it again. */
function reconnect(): void {
  sockets.at(-1)?.dispatchEvent(new Event('close'))
  vi.advanceTimersByTime(10_000)
  open()
}

const picture = (id: string, node: string, passing: boolean): Picture => ({
  id,
  node,
  width: 8,
  height: 8,
  name: `${id}.png`,
  made: 0,
  passing,
})
const hello = (server: string, list: Job[] = []): ServerMessage => ({
  type: 'hello',
  version: '1',
  server,
  jobs: list,
  order: [],
})
const states = () => Object.fromEntries([...run().nodes].map(([id, { state }]) => [id, state]))
const run = () => tab.run.getState()
const shown = () => notices.getState().map(({ message }) => message)

let tab: ReturnType<typeof createTab>

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('location', new URL('http://127.0.0.1'))
  vi.stubGlobal('requestAnimationFrame', () => undefined)
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
  tab = createTab({ format: 'latent-loom', version: 1, nodes: {} }, { id: 'tab' })
  followServer()
  open()
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  workspace.setState({ tabs: [], active: undefined, files: new Map() })
  jobs.setState({ connection: 'connecting', server: undefined, jobs: new Map(), order: [] })
  notices.setState([], true)
})

/** A run under way, after one that saved a picture and showed one, and one that failed. */
function work(): void {
  say(hello('first', [job('1', 'done', { pictures: [picture('a', 'save', false), picture('b', 'show', true)] })]))
  const error = { code: 'memory', message: 'Too large.', node: 'sampler' } as const
  say({ type: 'job', job: job('2', 'failed', { submitted: 1, error }) })
  say({ type: 'job', job: job('3', 'running', { submitted: 2 }) })
  say({ type: 'job', job: job('4', 'waiting', { submitted: 3, name: 'Owl' }) })
  say({ type: 'event', job: '3', event: { type: 'plan', nodes: [{ node: 'sampler', reused: false }] } })
  say({ type: 'event', job: '3', event: { type: 'step', node: 'sampler', step: 1, steps: 4 } })
  showError(new Unreachable(undefined))
}

it('after a restart of the server: marks and stale errors are gone, saved pictures stay, and what was lost is said', () => {
  work()
  expect(states()).toMatchObject({ sampler: 'running' })
  expect(shown()).toEqual(['Too large.', 'The server does not answer.'])
  reconnect()
  say(hello('second'))
  expect(states()).toEqual({ save: 'idle', show: 'idle', sampler: 'idle' })
  expect(run().job).toBeUndefined()
  expect(
    run()
      .nodes.get('save')
      ?.pictures?.map(({ id }) => id),
  ).toEqual(['a'])
  expect(run().nodes.get('show')).toEqual({ state: 'idle' })
  expect(shown()).toEqual(['The server was started again, and 2 jobs are lost: Fox, Owl.'])
})

it('after a restart with nothing under way, pictures that were not saved are said to be lost', () => {
  say(hello('first', [job('1', 'done', { pictures: [picture('b', 'show', true)] })]))
  reconnect()
  say(hello('second'))
  expect(shown()).toEqual(['The server was started again, and pictures that were not saved are lost.'])
})

it('after a restart with nothing under way and every picture saved: nothing was lost, and nothing is said', () => {
  say(hello('first', [job('1', 'done', { pictures: [picture('a', 'save', false)] })]))
  reconnect()
  say(hello('second'))
  expect(shown()).toEqual([])
})

it('a document that was saved elsewhere is told once, and one that was saved here is not', () => {
  const file = { id: 'file', revision: 'old', name: 'Fox' }
  workspace.setState({ files: new Map([['tab', file]]) })
  for (const revision of ['old', 'new', 'new']) say({ type: 'document', id: 'file', revision })
  say({ type: 'document', id: 'other', revision: 'new' })
  expect(shown()).toEqual(['The file of Fox was changed elsewhere.'])
})

it('after a loss of the connection alone: the run is as the server has it now, and nothing is said of a loss', () => {
  work()
  reconnect()
  expect(shown()).toEqual(['Too large.'])
  say(hello('first', [job('3', 'done', { submitted: 2, pictures: [picture('c', 'save', false)] })]))
  expect(states()).toMatchObject({ sampler: 'idle' })
  expect(
    run()
      .nodes.get('save')
      ?.pictures?.map(({ id }) => id),
  ).toEqual(['c'])
})
