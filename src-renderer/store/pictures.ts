import { z } from 'zod'
import { createStore } from 'zustand/vanilla'
import type { Picture } from '#core/protocol/jobs.ts'
import { call } from '../api/client.ts'
import { jobs, picturesOf } from './jobs.ts'
import { createKeptStore } from './kept-store.ts'

interface PicturesState {
  /** Newest first. */
  readonly list: readonly Picture[]
  readonly loaded: boolean
}

/** The pictures on the server. */
export const pictures = createStore<PicturesState>(() => ({ list: [], loaded: false }))

/** Deleted pictures that one can bring back one after the other. */
const maxDeleted = 100

/** Ids of the pictures that this browser has deleted, the last one last. */
export const deleted = createKeptStore('deleted', z.object({ ids: z.array(z.string()).catch([]) }), {})

/** @throws LoomError if the server does not answer */
export async function loadPictures(): Promise<void> {
  const before = new Set(pictures.getState().list)
  const { pictures: list } = await call('listPictures', {})
  const meanwhile = pictures.getState().list.filter((picture) => !before.has(picture))
  pictures.setState({ list: merged(list, meanwhile), loaded: true })
}

/**
 * Moves a picture into the bin.
 * @throws LoomError if the server does not delete it
 */
export async function deletePicture(id: string): Promise<void> {
  await call('deletePicture', {}, { id })
  deleted.setState(({ ids }) => ({ ids: [...ids, id].slice(-maxDeleted) }))
  replacePicture(id, null)
}

/**
 * Brings a deleted picture back.
 * @throws LoomError if it is no longer in the bin
 */
export async function restorePicture(id: string): Promise<void> {
  deleted.setState(({ ids }) => ({ ids: ids.filter((other) => other !== id) }))
  replacePicture(id, await call('restorePicture', {}, { id }))
}

/** Takes a picture from the list (null), or adds it again, perhaps under another id. */
export function replacePicture(id: string, picture: Picture | null): void {
  pictures.setState(({ list }) => ({
    list: merged(
      picture ? [picture] : [],
      list.filter((known) => known.id !== id),
    ),
  }))
}

/** Adds the pictures of finished jobs without another request. */
jobs.subscribe(({ jobs }, before) => {
  if (jobs === before.jobs) return
  const made = [...jobs.values()].flatMap((job) => (before.jobs.get(job.id) === job ? [] : picturesOf(job)))
  const kept = made.filter(({ passing }) => !passing)
  if (kept.length > 0) pictures.setState(({ list }) => ({ list: merged(kept, list) }))
})

function merged(some: readonly Picture[], others: readonly Picture[]): readonly Picture[] {
  const byId = new Map([...others, ...some].map((picture) => [picture.id, picture]))
  return [...byId.values()].sort((a, b) => b.made - a.made)
}
