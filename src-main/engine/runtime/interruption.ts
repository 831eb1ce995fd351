import { cancelled } from '#core/errors.ts'

/**
 * Lets messages that wait, a cancellation among them, be heard: a session's work blocks the thread.
 * @throws LoomError `cancelled`
 */
export async function interruption(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  if (signal.aborted) throw cancelled()
}
