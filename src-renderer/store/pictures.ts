import { createStore } from 'zustand/vanilla'
import type { Picture } from '#core/protocol/jobs.ts'
import { call } from '../api/client.ts'
import { jobs } from './jobs.ts'

interface PicturesState {
  /** Newest first. */
  readonly list: readonly Picture[]
  readonly loaded: boolean
}

/** The pictures on the server. */
export const pictures = createStore<PicturesState>(() => ({ list: [], loaded: false }))

/** @throws LoomError if the server does not answer */
export async function loadPictures(): Promise<void> {
  const { pictures: list } = await call('listPictures', {})
  pictures.setState({ list: merged(list, pictures.getState().list), loaded: true })
}

/** @throws LoomError if the server does not delete it */
export async function deletePicture(id: string): Promise<void> {
  await call('deletePicture', {}, { id })
  pictures.setState(({ list }) => ({ list: list.filter((picture) => picture.id !== id) }))
}

/** Adds the pictures of finished jobs without another request. */
jobs.subscribe(({ jobs }, before) => {
  if (jobs === before.jobs) return
  const made = [...jobs.values()].flatMap((job) => (before.jobs.get(job.id) === job ? [] : job.pictures))
  const kept = made.filter(({ passing }) => !passing)
  if (kept.length > 0) pictures.setState(({ list }) => ({ list: merged(kept, list) }))
})

function merged(some: readonly Picture[], others: readonly Picture[]): readonly Picture[] {
  const byId = new Map([...others, ...some].map((picture) => [picture.id, picture]))
  return [...byId.values()].sort((a, b) => b.made - a.made)
}
