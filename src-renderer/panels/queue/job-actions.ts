import { call } from '../../api/client.ts'
import { jobs } from '../../store/jobs.ts'
import { showError } from '../../ui/notices.ts'
import { jobAfter } from './rows.ts'

export const cancelJob = (id: string): void => void call('cancelJob', {}, { id }).catch(showError)

/** Cancels all waiting jobs. */
export const cancelWaiting = (): void => void call('cancelWaiting', {}).catch(showError)

/** Forgets all finished jobs. */
export const clearHistory = (): void => void call('clearJobs', {}).catch(showError)

/** Moves a waiting job to a position in the queue. */
export function moveJob(id: string, place: number): void {
  const { order } = jobs.getState()
  if (!order.includes(id) || order[place] === id) return
  call('moveJob', { before: jobAfter(order, id, place) }, { id }).catch(showError)
}

/** Moves a waiting job to the position of another. */
export const moveJobTo = (id: string, other: string): void => moveJob(id, jobs.getState().order.indexOf(other))
