import type { z } from 'zod'
import { createStore, type StoreApi } from 'zustand/vanilla'

/**
 * A store in the browser's local storage. If storage is not available, the state lasts until the page closes.
 * @param schema validates the stored value. An invalid value is ignored.
 * @param empty the schema turns it into the defaults
 */
export function createKeptStore<T>(name: string, schema: z.ZodType<T>, empty: unknown): StoreApi<T> {
  const key = `latent-loom.${name}`
  const kept = schema.safeParse(read(key))
  const store = createStore<T>(() => (kept.success ? kept.data : schema.parse(empty)))
  store.subscribe((state) => {
    try {
      localStorage.setItem(key, JSON.stringify(state))
    } catch {
      // storage is full or forbidden
    }
  })
  return store
}

function read(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '')
  } catch {
    return undefined
  }
}
