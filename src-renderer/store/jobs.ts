import { createStore } from 'zustand/vanilla'
import type { Job } from '#core/protocol/jobs.ts'

export interface JobsState {
  readonly connection: 'connecting' | 'open' | 'lost'
  readonly jobs: ReadonlyMap<string, Job>
  /** Ids of waiting jobs, the next first. */
  readonly order: readonly string[]
}

/** The server's queue, as its WebSocket tells it. */
export const jobs = createStore<JobsState>(() => ({ connection: 'connecting', jobs: new Map(), order: [] }))
