import type { Job, ServerMessage } from '#core/protocol/jobs.ts'
import type { JobsState } from '../store/jobs.ts'

/** The server's queue after a message. */
export function reduceJobs(state: JobsState, message: ServerMessage): JobsState {
  switch (message.type) {
    case 'hello':
      return {
        ...state,
        server: message.server,
        jobs: new Map(message.jobs.map((job) => [job.id, job])),
        order: message.order,
      }
    case 'job':
      return { ...state, jobs: new Map(state.jobs).set(message.job.id, message.job) }
    case 'order':
      return { ...state, order: message.order }
    case 'forgotten': {
      const gone = new Set(message.jobs)
      return { ...state, jobs: new Map([...state.jobs].filter(([id]) => !gone.has(id))) }
    }
    case 'event':
    case 'models':
    case 'picture':
    case 'draft':
    case 'document':
      return state
  }
}

/** The jobs that were not over when the server ended, if it is another one now. Live jobs are left out: they are sent again. */
export function lostJobs(before: JobsState, now: JobsState): readonly Job[] {
  if (!isOtherServer(before, now)) return []
  return [...before.jobs.values()].filter(({ finished, live }) => finished === undefined && !live)
}

/** Whether the server was started again between two states. */
export const isOtherServer = (before: JobsState, now: JobsState): boolean =>
  before.server !== undefined && before.server !== now.server
