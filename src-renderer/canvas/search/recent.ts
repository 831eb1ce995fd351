import { z } from 'zod'
import { createStore } from 'zustand/vanilla'

const key = 'latent-loom.recent-nodes'
const most = 12

/** Ids of the entries of the node search that were used, the last first; kept in the browser. */
export const recentEntries = createStore<readonly string[]>(() => stored())

export function rememberEntry(id: string): void {
  const ids = [id, ...recentEntries.getState().filter((known) => known !== id)].slice(0, most)
  recentEntries.setState(ids, true)
  try {
    localStorage.setItem(key, JSON.stringify(ids))
  } catch {
    // A browser that keeps nothing still has them until the page closes.
  }
}

function stored(): string[] {
  try {
    return z.array(z.string()).parse(JSON.parse(localStorage.getItem(key) ?? '[]'))
  } catch {
    return []
  }
}
