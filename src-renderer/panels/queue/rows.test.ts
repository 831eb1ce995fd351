import { describe, expect, it } from 'vitest'
import type { Job } from '#core/protocol/jobs.ts'
import { jobAfter, queueRows } from './rows.ts'

const job = (id: string, state: Job['state'], more: Partial<Job> = {}): Job => ({
  id,
  document: 'd',
  name: id,
  state,
  live: false,
  submitted: 0,
  pictures: [],
  ...more,
})

describe('queueRows', () => {
  it('shows what runs, what waits in its order, and the newest of what is over first', () => {
    const jobs = [
      job('old', 'done', { finished: 1 }),
      job('second', 'waiting'),
      job('first', 'waiting'),
      job('now', 'running'),
      job('broken', 'failed', { finished: 2 }),
    ]
    const rows = queueRows({
      connection: 'open',
      server: 's',
      jobs: new Map(jobs.map((each) => [each.id, each])),
      order: ['first', 'second'],
    })
    expect(rows.map((row) => (row.kind === 'heading' ? `${row.section} ${row.count}` : row.job.id))).toEqual([
      'running 1',
      'now',
      'waiting 2',
      'first',
      'second',
      'history 2',
      'broken',
      'old',
    ])
  })

  it('leaves out live jobs that are over', () => {
    const jobs = new Map([['live', job('live', 'done', { live: true })]])
    expect(queueRows({ connection: 'open', server: 's', jobs, order: [] })).toEqual([])
  })
})

describe('jobAfter', () => {
  const order = ['a', 'b', 'c', 'd']
  const moved = (id: string, place: number) => {
    const before = jobAfter(order, id, place)
    const others = order.filter((other) => other !== id)
    return others.toSpliced(before === null ? others.length : others.indexOf(before), 0, id)
  }

  it('brings a job to any place', () => {
    for (const id of order) {
      for (const place of order.keys()) expect(moved(id, place).indexOf(id)).toBe(place)
    }
  })

  it('keeps to the ends', () => {
    expect(moved('b', -1)[0]).toBe('b')
    expect(moved('b', 9).at(-1)).toBe('b')
  })
})
