/** Reloads in a row without asking: a page that cannot live would be loaded for ever. */
const maxReloads = 3

interface Ways {
  reload(): void
  /** Asks the person whether to go on. */
  ask(): Promise<boolean>
}

/** What to do each time the page's process has ended: load it again at most three times, then only when a person wants it. */
export function createRescue({ reload, ask }: Ways): () => Promise<void> {
  let reloads = 0
  return async () => {
    if (reloads === maxReloads) {
      if (!(await ask())) return
      reloads = 0
    }
    reloads++
    reload()
  }
}
