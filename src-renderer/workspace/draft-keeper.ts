/** After the last edit; a draft is kept well within a second. */
const delay = 300

/** After an attempt that failed. */
const retryDelay = 3000

interface Keeping {
  /** Saves the draft of a tab as it is then. */
  save(id: string): Promise<void>
  /** An attempt failed, the first after one that succeeded; it is made again. */
  failed(error: unknown): void
  /** An attempt succeeded after one that failed. */
  recovered(): void
}

/** When drafts are saved: soon after an edit, one attempt at a time per tab, until one succeeds. */
export function createDraftKeeper({ save, failed, recovered }: Keeping) {
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  const busy = new Map<string, Promise<void>>()
  let failing = false

  function touch(id: string, wait = delay): void {
    clearTimeout(timers.get(id))
    timers.set(
      id,
      setTimeout(() => attempt(id), wait),
    )
  }

  function attempt(id: string): void {
    timers.delete(id)
    if (busy.has(id)) {
      touch(id)
      return
    }
    const attempted = save(id)
      .then(
        () => {
          if (failing) recovered()
          failing = false
        },
        (error: unknown) => {
          if (!failing) failed(error)
          failing = true
          if (!timers.has(id)) touch(id, retryDelay)
        },
      )
      .finally(() => busy.delete(id))
    busy.set(id, attempted)
  }

  return {
    /** The tab has something new to keep. */
    touch,
    /** The tab is gone: resolves when no attempt of it is under way any more. */
    async forget(id: string): Promise<void> {
      await busy.get(id)
      clearTimeout(timers.get(id))
      timers.delete(id)
    },
    /** Tabs whose newest state is not kept yet. */
    pending: (): ReadonlySet<string> => new Set([...timers.keys(), ...busy.keys()]),
  }
}
