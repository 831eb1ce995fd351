import { expect, it } from 'vitest'
import type { Job } from '#core/protocol/jobs.ts'
import type { JobsState } from '../store/jobs.ts'
import { lostJobs, reduceJobs } from './reduce-jobs.ts'

const job = (id: string, more: Partial<Job>): Job => ({
  id,
  document: 'tab',
  name: id,
  state: 'done',
  live: false,
  submitted: 0,
  pictures: [],
  ...more,
})

const known: JobsState = {
  connection: 'open',
  server: 'first',
  jobs: new Map(
    [
      job('done', { finished: 1 }),
      job('failed', { state: 'failed', finished: 1 }),
      job('running', { state: 'running' }),
      job('waiting', { state: 'waiting' }),
      job('live', { state: 'running', live: true }),
    ].map((each) => [each.id, each]),
  ),
  order: ['waiting'],
}
const hello = (server: string, jobs: Job[] = []) =>
  reduceJobs(known, { type: 'hello', version: '1', server, jobs, order: [] })

it('knows which jobs a restart of the server has lost: those that waited or ran, but for live ones', () => {
  expect(lostJobs(known, hello('second')).map(({ id }) => id)).toEqual(['running', 'waiting'])
})

it('has lost nothing when the connection alone was away, even if jobs ended and were cleared meanwhile', () => {
  expect(lostJobs(known, hello('first'))).toEqual([])
  expect(lostJobs({ ...known, server: undefined }, hello('first'))).toEqual([])
})
