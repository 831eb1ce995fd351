import type { z } from 'zod'
import type { Job, jobRequest, Picture, ServerMessage } from '#core/protocol/jobs.ts'
import type { Result, RunEvent } from '#core/protocol/messages.ts'
import type { PreviewFrame } from '#core/protocol/preview-frame.ts'

export type SubmittedJob = z.output<typeof jobRequest>

/** Waiting, running and finished jobs. One job runs at a time. */
export interface JobQueue {
  /** Every remembered job, oldest first, and the ids of the waiting ones, next first. */
  state(): { jobs: Job[]; order: string[] }
  /**
   * Accepts a job. Once this resolves, the job is remembered until it ends.
   * @throws LoomError `limit` when too many jobs wait
   */
  submit(request: SubmittedJob): Promise<Job>
  /**
   * Cancels a waiting or running job. Does nothing for a finished or forgotten one.
   * @throws LoomError `not-found` for an id that was never given
   */
  cancel(id: string): Promise<void>
  /**
   * Moves a waiting job before another, or to the end for null. Does nothing for a job that no longer waits.
   * @throws LoomError `not-found` for an id that was never given
   */
  move(id: string, before: string | null): Promise<void>
  /** Cancels every waiting job. */
  cancelWaiting(): Promise<void>
  /** Cancels the running job, if there is one. */
  interrupt(): Promise<void>
  /** Forgets every finished job. */
  clear(): Promise<void>
  /** Tells in every job that a picture is gone (undefined), or that it is there again. */
  changePicture(id: string, picture: Picture | undefined): void
  /** Cancels everything. Resolves when nothing runs. */
  close(): Promise<void>
}

/** Observes changes of a queue. */
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
