import type { Job } from '#core/protocol/jobs.ts'

/** A job as the server tells of it. */
export const job = (id: string, state: Job['state'], more: Partial<Job> = {}): Job => ({
  id,
  document: 'tab',
  name: 'Fox',
  state,
  live: false,
  submitted: 0,
  pictures: [],
  ...(['done', 'failed', 'cancelled'].includes(state) && { finished: 1 }),
  ...more,
})
