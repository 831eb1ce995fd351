import { describe, expect, it } from 'vitest'
import type { Job, Picture } from '#core/protocol/jobs.ts'
import type { RunEvent } from '#core/protocol/messages.ts'
import { job } from '#test/job.ts'
import { createRunStore, type NodeRun, type RunState } from '../store/run-store.ts'
import { type RunMessage, reduceRun, replayRun, withoutServer } from './reduce-run.ts'

const nothing: RunState = createRunStore().getState()

const picture = (id: string, node: string): Picture => ({
  id,
  node,
  width: 8,
  height: 8,
  name: `${id}.png`,
  made: 0,
  passing: false,
})
const said = (id: string, event: RunEvent): RunMessage => ({ type: 'event', job: id, event })
const told = (each: Job): RunMessage => ({ type: 'job', job: each })
const reached = (messages: readonly RunMessage[], state = nothing): RunState => messages.reduce(reduceRun, state)
const states = ({ nodes }: RunState) => Object.fromEntries([...nodes].map(([id, { state }]) => [id, state]))
const preview = (id: string, node: string): RunMessage => ({
  type: 'preview',
  frame: { job: id, node, width: 1, height: 1, rgb: new Uint8Array(3) },
})

const plan = said('1', {
  type: 'plan',
  nodes: [
    { node: 'checkpoint', reused: true },
    { node: 'sampler', reused: false },
    { node: 'save', reused: false },
  ],
})
const started = [told(job('1', 'running')), plan]

describe('reduceRun', () => {
  it('marks what is reused and what waits, then follows the work', () => {
    expect(states(reached(started))).toEqual({ checkpoint: 'reused', sampler: 'waiting', save: 'waiting' })
    const sampling = reached([...started, said('1', { type: 'step', node: 'sampler', step: 2, steps: 4 })])
    expect(sampling.nodes.get('sampler')).toMatchObject({ state: 'running', step: 2, steps: 4 })
    const done = reached([said('1', { type: 'node-done', node: 'sampler' })], sampling)
    expect(states(done)).toEqual({ checkpoint: 'reused', sampler: 'done', save: 'waiting' })
  })

  it('shows pictures as the job has them and keeps them while the next run is under way', () => {
    const first = reached([...started, told(job('1', 'done', { pictures: [picture('a', 'save')] }))])
    expect(first.nodes.get('save')?.pictures?.map(({ id }) => id)).toEqual(['a'])
    const second = reached(
      [
        told(job('2', 'running', { submitted: 1 })),
        said('2', { type: 'plan', nodes: [{ node: 'save', reused: false }] }),
      ],
      first,
    )
    expect(second.nodes.get('save')).toMatchObject({ state: 'waiting', pictures: [{ id: 'a' }] })
    const third = reached([told(job('2', 'running', { submitted: 1, pictures: [picture('b', 'save')] }))], second)
    expect(third.nodes.get('save')?.pictures?.map(({ id }) => id)).toEqual(['b'])
  })

  it('takes a deleted picture from the nodes, also one of an earlier job', () => {
    const [a, b] = [picture('a', 'save'), picture('b', 'save')]
    const first = reached([...started, told(job('1', 'done', { pictures: [a, b] }))])
    const second = reached([told(job('2', 'cancelled', { submitted: 1 }))], first)
    const without = reached([told(job('1', 'done', { pictures: [{ ...a, gone: true }, b] }))], second)
    expect(without.nodes.get('save')?.pictures).toEqual([b])
    const none = reached([told(job('1', 'done', { pictures: [a, { ...b, gone: true }] }))], without)
    expect(none.nodes.get('save')).toEqual({ state: 'idle' })
    const back = reached([told(job('2', 'done', { submitted: 1, pictures: [a] }))], none)
    expect(back.nodes.get('save')?.pictures).toEqual([a])
  })

  it('shows no picture of an earlier job in the place of one that is deleted', () => {
    const earlier = job('1', 'done', { pictures: [picture('a', 'save'), picture('b', 'show')] })
    const last = job('2', 'done', { submitted: 1, pictures: [{ ...picture('c', 'save'), gone: true }] })
    const { nodes } = [...replayRun(nothing, [last, earlier])].at(-1) ?? nothing
    expect(Object.fromEntries(nodes)).toEqual({
      save: { state: 'idle' },
      show: { state: 'idle', pictures: [picture('b', 'show')] },
    })
  })

  it('puts a failure on its node, and every problem of an invalid workflow on its own', () => {
    const error = { code: 'memory', message: 'Too large.', node: 'sampler' } as const
    const failed = reached([...started, told(job('1', 'failed', { error }))])
    expect(failed.nodes.get('sampler')).toMatchObject({ state: 'failed', error })
    expect(failed.nodes.get('save')?.state).toBe('idle')

    const problems = [
      { code: 'type', message: 'A.', node: 'save' },
      { code: 'type', message: 'B.', node: 'sampler' },
    ] as const
    const invalid = job('1', 'failed', {
      error: { code: 'invalid', message: 'It has 2 problems.', problems: [...problems] },
    })
    const refused = reached([told(invalid)])
    expect(refused.nodes.get('save')?.error?.message).toBe('A.')
    expect(refused.nodes.get('sampler')?.error?.message).toBe('B.')
  })

  it('forgets errors and warnings with the next run', () => {
    const error = { code: 'memory', message: 'Too large.', node: 'sampler' } as const
    const failed = reached([...started, told(job('1', 'failed', { error }))])
    const next = reached([told(job('2', 'running', { submitted: 1 }))], failed)
    expect(next.nodes.get('sampler')).toEqual({ state: 'idle' } satisfies NodeRun)
  })

  it('keeps a warning with its node', () => {
    const error = { code: 'unsupported', message: 'Some keys do nothing.', node: 'lora' } as const
    expect(reached([...started, said('1', { type: 'warning', error })]).nodes.get('lora')?.warning).toEqual(error)
  })

  it('leaves nothing under way when a job is cancelled', () => {
    const step = said('1', { type: 'step', node: 'sampler', step: 1, steps: 4 })
    expect(states(reached([...started, step, told(job('1', 'cancelled'))]))).toEqual({
      checkpoint: 'reused',
      sampler: 'idle',
      save: 'idle',
    })
  })

  it('shows a late preview on a node that is done, and passes over what is said of other jobs', () => {
    const done = reached([...started, said('1', { type: 'node-done', node: 'sampler' })])
    expect(reached([preview('1', 'sampler')], done).nodes.get('sampler')).toMatchObject({
      state: 'done',
      preview: { width: 1 },
    })
    expect(reached([preview('0', 'sampler'), said('0', { type: 'node-done', node: 'save' })], done)).toBe(done)
    expect(reached([...started, preview('1', 'sampler')]).nodes.get('sampler')).toMatchObject({
      state: 'running',
      preview: { width: 1 },
    })
  })

  it('shows what runs, not what was sent after it', () => {
    const waiting = told(job('2', 'waiting', { submitted: 1 }))
    expect(reached([...started, waiting]).job?.id).toBe('1')
    expect(reached([...started, told(job('1', 'done')), waiting]).job?.id).toBe('2')
    expect(reached([told(job('2', 'done', { submitted: 1 })), told(job('1', 'done'))]).job?.id).toBe('2')
  })

  it('moves to the live job that replaces the one that runs', () => {
    const live = (id: string, state: Job['state'], submitted: number) => told(job(id, state, { live: true, submitted }))
    const both = [live('1', 'running', 0), live('2', 'waiting', 1), live('1', 'cancelled', 0), live('2', 'running', 1)]
    expect(reached(both).job).toMatchObject({ id: '2', state: 'running' })
  })
})

it('without its server: previews of a run that was lost go with it, and those of runs before stay', () => {
  const frames = [preview('1', 'sampler'), preview('1', 'other')]
  const first = reached([...started, ...frames, told(job('1', 'done', { finished: 1 }))])
  const second = reached(
    [
      told(job('2', 'running', { submitted: 1 })),
      said('2', {
        type: 'plan',
        nodes: [
          { node: 'sampler', reused: false },
          { node: 'other', reused: true },
        ],
      }),
      said('2', { type: 'node-done', node: 'sampler' }),
    ],
    first,
  )
  const previews = ({ nodes }: RunState) => [...nodes].flatMap(([id, run]) => (run.preview ? [id] : []))
  expect(previews(withoutServer(first))).toEqual(['sampler', 'other'])
  expect(previews(withoutServer(second))).toEqual(['other'])
})

describe('replayRun', () => {
  it('knows pictures and the work under way from the jobs alone', () => {
    const progress = { phase: 'sample', label: 'UNet', node: 'sampler', step: 3, steps: 4, fraction: 0.6 } as const
    const known = [
      ...replayRun(nothing, [
        job('2', 'running', { submitted: 2, progress }),
        job('1', 'done', { submitted: 1, pictures: [picture('a', 'save')] }),
      ]),
    ].at(-1)
    expect(known?.job?.id).toBe('2')
    expect(known?.nodes.get('save')?.pictures?.map(({ id }) => id)).toEqual(['a'])
    expect(known?.nodes.get('sampler')).toMatchObject({ state: 'running', step: 3 })
  })
})
