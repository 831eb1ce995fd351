import { createStore } from 'zustand/vanilla'
import type { Job, Picture } from '#core/protocol/jobs.ts'

export interface JobsState {
  readonly connection: 'connecting' | 'open' | 'lost'
  /** The start of the server that the rest is from; undefined before its first message. */
  readonly server: string | undefined
  readonly jobs: ReadonlyMap<string, Job>
  /** Ids of waiting jobs in order. */
  readonly order: readonly string[]
}

/** The server's queue, updated by its WebSocket. */
export const jobs = createStore<JobsState>(() => ({
  connection: 'connecting',
  server: undefined,
  jobs: new Map(),
  order: [],
}))

/** The pictures of a job that are still there. */
export const picturesOf = (job: Job): readonly Picture[] => job.pictures.filter(({ gone }) => !gone)
