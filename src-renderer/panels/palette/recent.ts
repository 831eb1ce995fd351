import { createStore } from 'zustand/vanilla'

/** How many actions count as used lately. */
const kept = 8

/** Ids of the actions that the palette performed last, the newest first. */
export const recentActions = createStore<readonly string[]>(() => [])

export const rememberAction = (id: string): void =>
  recentActions.setState((ids) => [id, ...ids.filter((other) => other !== id)].slice(0, kept), true)
