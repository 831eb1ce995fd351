import type { Job } from '#core/protocol/jobs.ts'
import type { JobsState } from '../../store/jobs.ts'

export type QueueSection = 'running' | 'waiting' | 'history'

/** A row of the queue panel. */
export type QueueRow =
  | { readonly kind: 'heading'; readonly section: QueueSection; readonly count: number }
  | { readonly kind: 'job'; readonly section: QueueSection; readonly job: Job }

/** All rows of the panel, from top to bottom. Finished live jobs are not listed. */
export function queueRows({ jobs, order }: JobsState): QueueRow[] {
  const all = [...jobs.values()]
  const sections: Readonly<Record<QueueSection, readonly Job[]>> = {
    running: all.filter(({ state }) => state === 'running'),
    waiting: order.flatMap((id) => jobs.get(id) ?? []),
    history: all.filter(isHistory).sort((a, b) => (b.finished ?? 0) - (a.finished ?? 0)),
  }
  return (Object.keys(sections) as QueueSection[]).flatMap((section) => {
    const members = sections[section]
    if (members.length === 0) return []
    const heading: QueueRow = { kind: 'heading', section, count: members.length }
    return [heading, ...members.map((job): QueueRow => ({ kind: 'job', section, job }))]
  })
}

const isHistory = ({ state, live }: Job): boolean => !live && state !== 'running' && state !== 'waiting'

/**
 * The job before which another is inserted when it is moved to a position; null for the end. Positions count all
 * waiting jobs, including the moved one.
 */
export function jobAfter(order: readonly string[], id: string, place: number): string | null {
  return order.filter((other) => other !== id)[Math.max(place, 0)] ?? null
}
