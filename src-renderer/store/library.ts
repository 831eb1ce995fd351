import { createStore } from 'zustand/vanilla'
import type { ModelFile } from '#core/protocol/routes.ts'
import type { FileKnowledge } from '#core/types/facts.ts'

/** What is known of files, of every document alike. */
export interface LibraryState {
  /** Model files below the model folders. */
  readonly models: readonly ModelFile[]
  /** What is known of files that documents name, by `factKey`; asked for as they come up. */
  readonly facts: ReadonlyMap<string, FileKnowledge>
}

export const library = createStore<LibraryState>(() => ({ models: [], facts: new Map() }))
