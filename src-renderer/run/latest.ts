/**
 * Does something at once and again after each later call, but never twice at a time: calls while it is under way become one, done
 * when it has ended, so that the newest state always wins.
 */
export function latestOnly(work: () => Promise<void>): () => void {
  let busy = false
  let again = false
  return async function call(): Promise<void> {
    if (busy) {
      again = true
      return
    }
    busy = true
    do {
      again = false
      await work()
    } while (again)
    busy = false
  }
}
