import type { ServerMessage } from '#core/protocol/jobs.ts'
import type { JobsState } from '../store/jobs.ts'

/** The server's queue after a message. */
export function reduceJobs(state: JobsState, message: ServerMessage): JobsState {
  switch (message.type) {
    case 'hello':
      return { ...state, jobs: new Map(message.jobs.map((job) => [job.id, job])), order: message.order }
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
      return state
  }
}
