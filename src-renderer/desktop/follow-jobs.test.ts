import { expect, it } from 'vitest'
import type { Job } from '#core/protocol/jobs.ts'
import type { JobsState } from '../store/jobs.ts'
import { endedLong, progressOf } from './follow-jobs.ts'

const running: Job = {
  id: 'a',
  document: 'd',
  name: 'Fox',
  state: 'running',
  live: false,
  submitted: 0,
  started: 1_000,
  pictures: [],
}
const ended: Job = { ...running, state: 'done', finished: 21_000 }
const state = (...list: readonly Job[]): JobsState => ({
  connection: 'open',
  server: 's',
  jobs: new Map(list.map((job) => [job.id, job])),
  order: [],
})

it('counts progress in hundredths, from nothing', () => {
  const progress = { phase: 'sample', label: '', fraction: 0.4567 } as const
  expect(progressOf(state(running))).toBe(0)
  expect(progressOf(state({ ...running, progress }))).toBe(0.45)
  expect(progressOf(state(ended))).toBeNull()
})

it('says once that a long job has ended', () => {
  expect(endedLong(state(running), state(ended))).toEqual([ended])
  expect(endedLong(state(ended), state(ended))).toEqual([])
  expect(endedLong(state(running), state({ ...ended, state: 'failed' }))).toHaveLength(1)
})

it.each<[string, Partial<Job>]>([
  ['a short one', { finished: 20_999 }],
  ['a live one', { live: true }],
  ['one that the person cancelled', { state: 'cancelled' }],
])('does not say it of %s', (_, change) => {
  expect(endedLong(state(running), state({ ...ended, ...change }))).toEqual([])
})

it('does not say it of a job that ended before the page was there', () => {
  expect(endedLong(state(), state(ended))).toEqual([])
})
