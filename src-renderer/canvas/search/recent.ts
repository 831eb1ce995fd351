import { z } from 'zod'
import { createKeptStore } from '../../store/kept-store.ts'

const most = 12

/** Ids of recently used entries of the node search, latest first. */
export const recentEntries = createKeptStore<readonly string[]>('recent-nodes', z.array(z.string()), [])

export const rememberEntry = (id: string): void =>
  recentEntries.setState((ids) => [id, ...ids.filter((known) => known !== id)].slice(0, most), true)
