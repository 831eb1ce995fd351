/**
 * Does something at once and again after later calls, but never twice at a time: calls while it is under way become one, done when
 * it has ended, so that the newest state always wins.
 * @param work must not reject
 */
export function latestOnly(work: () => Promise<void>): () => void {
  let busy = false
  let again = false
  const loop = async () => {
    busy = true
    do {
      again = false
      await work()
    } while (again)
    busy = false
  }
  return () => {
    if (busy) again = true
    else void loop()
  }
}
