import pLimit, { type LimitFunction } from 'p-limit'
import { LoomError } from '#core/errors.ts'
import { inTime } from '#core/in-time.ts'

/*
 * A call on a drive that does not answer, such as that of a lost server, never ends and cannot be ended. It holds one of
 * the few threads that make all calls (libuv's pool), so such drives are asked no more.
 */

/** Milliseconds after which a call is given up. */
const patience = { answer: 30_000 }

/** Calls on one folder at the same time: if its drive is lost, no more threads are. */
const perFolder = 2

/** Calls at the same time. As many may be lost; then no drive is asked, and the threads that are left serve the program. */
const mostCalls = 6

/** Threads for all calls of a process: those that may be lost in its main thread and in its two readers, and some more. */
export const poolThreads = 3 * mostCalls + 6

const limiters = new Map<string, LimitFunction>()
const allCalls = () => pLimit({ concurrency: mostCalls, rejectOnClear: true })
let all = allCalls()
/** The number of calls that were given up and have not ended, by folder. */
const lost = new Map<string, number>()

/** Runs `use` while drives are waited for no longer than this. What was lost is forgotten at the end. For tests. */
export async function withPatience(milliseconds: number, use: () => Promise<void>): Promise<void> {
  const usual = patience.answer
  patience.answer = milliseconds
  await use().finally(() => {
    patience.answer = usual
    lost.clear()
    all = allCalls()
  })
}

/**
 * The result of a call of the file system. While a call on a folder has been given up, the folder is not asked again.
 * @param folder what answers or hangs as one: a folder, or a drive
 * @param path what the message names
 * @throws LoomError `io` if the drive does not answer
 */
export async function ask<T>(folder: string, path: string, call: () => Promise<T>): Promise<T> {
  const limiter = limiters.get(folder) ?? pLimit(perFolder)
  limiters.set(folder, limiter)
  return limiter(() => {
    if (lost.has(folder) || lostCalls() >= mostCalls) throw noAnswer(path)
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const slot = all(() => {
      const work = call()
      const late = () => {
        count(folder, 1)
        work.catch(() => {}).finally(() => count(folder, -1))
        // nobody waits for a place that may never be free
        if (lostCalls() >= mostCalls) all.clearQueue()
        throw noAnswer(path)
      }
      inTime(work, patience.answer, late).then(resolve, reject)
      // a call that was given up keeps its place, as it keeps its thread
      return work
    })
    slot.catch((error: unknown) => reject(error instanceof DOMException ? noAnswer(path) : error))
    return promise
  })
}

const lostCalls = (): number => [...lost.values()].reduce((sum, calls) => sum + calls, 0)

function count(folder: string, change: number): void {
  const calls = (lost.get(folder) ?? 0) + change
  if (calls > 0) lost.set(folder, calls)
  else lost.delete(folder)
}

/** The drive of a file did not answer. */
export class NoAnswer extends LoomError {}

const noAnswer = (path: string): NoAnswer =>
  new NoAnswer('io', `Cannot read ${path}: its drive did not answer for ${patience.answer / 1000} s.`, {
    hint: 'Check the drive or the network connection, then try again.',
  })
