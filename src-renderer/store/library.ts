import { createStore } from 'zustand/vanilla'
import type { ModelFile } from '#core/protocol/routes.ts'
import type { FileKnowledge } from '#core/types/facts.ts'
import { call } from '../api/client.ts'

/** Files and their facts, shared by all documents. */
export interface LibraryState {
  /** Files in the model folders. */
  readonly models: readonly ModelFile[]
  /** Facts of files in documents, by `factKey`. They are requested on demand. */
  readonly facts: ReadonlyMap<string, FileKnowledge>
}

export const library = createStore<LibraryState>(() => ({ models: [], facts: new Map() }))

/**
 * Loads the list of model files. Clears all facts, because a name may now refer to a different file.
 * @throws LoomError as `call`
 */
export async function loadModels(): Promise<void> {
  const { files } = await call('listModels', {})
  library.setState({ models: files, facts: new Map() })
}
