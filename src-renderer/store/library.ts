import { createStore } from 'zustand/vanilla'
import type { ModelFile } from '#core/protocol/routes.ts'
import type { FileKnowledge } from '#core/types/facts.ts'
import { call } from '../api/client.ts'

/** What is known of files, of every document alike. */
export interface LibraryState {
  /** Model files below the model folders. */
  readonly models: readonly ModelFile[]
  /** What is known of files that documents name, by `factKey`; asked for as they come up. */
  readonly facts: ReadonlyMap<string, FileKnowledge>
}

export const library = createStore<LibraryState>(() => ({ models: [], facts: new Map() }))

/**
 * Asks the server for the model files. What was known of files counts no longer: a name may stand for another file now.
 * @throws LoomError as `call`
 */
export async function loadModels(): Promise<void> {
  const { files } = await call('listModels', {})
  library.setState({ models: files, facts: new Map() })
}
