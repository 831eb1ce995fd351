import type { z } from 'zod'
import { createStore, type StoreApi } from 'zustand/vanilla'

/**
 * A store that the browser keeps. One that keeps nothing still has it until the page closes.
 * @param schema what was kept is read with; what does not fit counts as not kept
 * @param empty what the schema makes its defaults of
 */
export function createKeptStore<T>(name: string, schema: z.ZodType<T>, empty: unknown): StoreApi<T> {
  const key = `latent-loom.${name}`
  const kept = schema.safeParse(read(key))
  const store = createStore<T>(() => (kept.success ? kept.data : schema.parse(empty)))
  store.subscribe((state) => {
    try {
      localStorage.setItem(key, JSON.stringify(state))
    } catch {
      // no room, or no right to it
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
