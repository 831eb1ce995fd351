import { z } from 'zod'
import { createKeptStore } from '../../store/kept-store.ts'

const most = 8

/** Ids of recently used actions of the palette, latest first. */
export const recentActions = createKeptStore<readonly string[]>('recent-actions', z.array(z.string()), [])

export const rememberAction = (id: string): void =>
  recentActions.setState((ids) => [id, ...ids.filter((known) => known !== id)].slice(0, most), true)
