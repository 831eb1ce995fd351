/** After the last edit; a draft is kept well within a second. */
const delay = 300

/** After an attempt that failed. */
const retryDelay = 3000

interface Keeping {
  /** Saves the draft of a tab as it is then. */
  save(id: string): Promise<void>
  /** An attempt failed; it is made again. */
  failed(error: unknown): void
  /** An attempt succeeded after one that failed. */
  recovered(): void
}

/** When drafts are saved: soon after an edit, one attempt at a time per tab, until one succeeds. */
export function createDraftKeeper({ save, failed, recovered }: Keeping) {
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  const busy = new Set<string>()
  let failing = false

  function touch(id: string, wait = delay): void {
    clearTimeout(timers.get(id))
    timers.set(
      id,
      setTimeout(() => void attempt(id), wait),
    )
  }

  async function attempt(id: string): Promise<void> {
    if (busy.has(id)) return touch(id)
    timers.delete(id)
    busy.add(id)
    try {
      await save(id)
      if (failing) recovered()
      failing = false
    } catch (error) {
      failing = true
      failed(error)
      if (!timers.has(id)) touch(id, retryDelay)
    } finally {
      busy.delete(id)
    }
  }

  return {
    /** The tab has something new to keep. */
    touch,
    /** The tab is gone. */
    forget(id: string): void {
      clearTimeout(timers.get(id))
      timers.delete(id)
    },
    /** Tabs whose newest state is not kept yet. */
    pending: (): ReadonlySet<string> => new Set([...timers.keys(), ...busy]),
  }
}
