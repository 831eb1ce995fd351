import { cancelled } from '#core/errors.ts'

/**
 * Yields to the event loop, so that pending messages such as a cancellation arrive. Sessions block the thread.
 * @throws LoomError `cancelled`
 */
export async function interruption(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  if (signal.aborted) throw cancelled()
}
