/** Milliseconds after the last edit. */
const delay = 300

/** Milliseconds after a failed attempt. */
const retryDelay = 3000

interface Keeping {
  /** Saves the current draft of a tab. */
  save(id: string): Promise<void>
  /** Called for the first failure after a success. It will be tried again. */
  failed(error: unknown): void
  /** Called for the first success after a failure. */
  recovered(): void
}

/** Schedules the saving of drafts: soon after an edit, one attempt at a time per tab, until one succeeds. */
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
    /** Schedules a save after an edit. */
    touch,
    /** Stops saving a closed tab. Resolves when its last attempt has ended. */
    async forget(id: string): Promise<void> {
      await busy.get(id)
      clearTimeout(timers.get(id))
      timers.delete(id)
    },
    /** Tabs whose newest state is not saved yet. */
    pending: (): ReadonlySet<string> => new Set([...timers.keys(), ...busy.keys()]),
  }
}
