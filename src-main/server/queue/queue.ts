import type { z } from 'zod'
import type { Job, jobRequest, Picture, ServerMessage } from '#core/protocol/jobs.ts'
import type { Result, RunEvent } from '#core/protocol/messages.ts'
import type { PreviewFrame } from '#core/protocol/preview-frame.ts'

export type SubmittedJob = z.output<typeof jobRequest>

/** What waits, runs and is over. One job runs at a time. */
export interface JobQueue {
  /** Every job that is remembered, the oldest first, and the ids of those that wait, the next first. */
  state(): { jobs: Job[]; order: string[] }
  /**
   * Takes a job; once this resolves it is not forgotten before it is over.
   * @throws LoomError `limit` when too much waits
   */
  submit(request: SubmittedJob): Promise<Job>
  /**
   * Ends a job that waits or runs; of one that is over or forgotten nothing changes.
   * @throws LoomError `not-found` for an id that was never given
   */
  cancel(id: string): Promise<void>
  /**
   * Puts a waiting job before another, or to the end for null; of one that waits no more nothing changes.
   * @throws LoomError `not-found` for an id that was never given
   */
  move(id: string, before: string | null): Promise<void>
  /** Ends the job that runs, if one does. */
  interrupt(): Promise<void>
  /** Forgets every job that is over. */
  clear(): Promise<void>
  /** Ends everything; resolves when nothing runs any more. */
  close(): Promise<void>
}

/** Hears what changes in a queue. */
export interface QueueListener {
  tell(message: ServerMessage): void
  preview(frame: PreviewFrame): void
}

/**
 * Does the work of a job.
 * @throws LoomError `cancelled` after `signal`, or what went wrong
 */
export type RunJob = (
  request: SubmittedJob,
  output: { event(event: RunEvent): void; picture(picture: Picture): void },
  signal: AbortSignal,
) => Promise<Omit<Result<'run'>, 'images'>>
