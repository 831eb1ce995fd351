import { cancelled } from '#core/errors.ts'

/** Ends when everything that was begun has ended. */
let idle: Promise<unknown> = Promise.resolve()

/**
 * Does work that takes the whole processor and much memory, after all such work before it has ended. The work is told to
 * stop by the same signal. It may take a large node of a network until it does: the caller need not wait for that, but what
 * comes next does.
 * @throws LoomError `cancelled` at once; what the work throws
 */
export function alone<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const result = idle.then(() => {
    if (signal?.aborted) throw cancelled()
    return work()
  })
  idle = result.then(
    () => undefined,
    () => undefined,
  )
  if (!signal) return result
  return new Promise((resolve, reject) => {
    const abort = () => reject(cancelled())
    signal.addEventListener('abort', abort, { once: true })
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
