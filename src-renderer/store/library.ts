import { createStore } from 'zustand/vanilla'
import type { ModelFile } from '#core/protocol/routes.ts'
import type { FileKnowledge } from '#core/types/facts.ts'
import { call } from '../api/client.ts'

/** Files and their facts, shared by all documents. */
export interface LibraryState {
  /** Files in the model folders. */
  readonly models: readonly ModelFile[]
  /** Model folders and links in them whose drives do not answer. */
  readonly silent: readonly string[]
  /** Facts of files in documents, by `factKey`. They are requested on demand. */
  readonly facts: ReadonlyMap<string, FileKnowledge>
}

export const library = createStore<LibraryState>(() => ({ models: [], silent: [], facts: new Map() }))

/**
 * The model files, and what did not answer.
 * @throws LoomError as `call`
 */
export async function listModels(): Promise<Pick<LibraryState, 'models' | 'silent'>> {
  const { files, folders } = await call('listModels', {})
  const silent = folders.flatMap(({ name, silent: inside }) =>
    inside === undefined ? [] : [inside === '' ? name : `${name}/${inside}`],
  )
  return { models: files, silent }
}

/**
 * Loads the list of model files. Clears all facts, because a name may now refer to a different file.
 * @throws LoomError as `call`
 */
export async function loadModels(): Promise<void> {
  library.setState({ ...(await listModels()), facts: new Map() })
}
