import { createStore } from 'zustand/vanilla'
import type { DocumentStore } from './document-store.ts'
import type { InferenceStore } from './inference.ts'
import type { RunStore } from './run-store.ts'
import type { ViewStore } from './view-store.ts'

/** The file of a tab, as last opened or saved. */
export interface TabFile {
  readonly id: string
  readonly revision: string
  readonly name: string
}

/** An open document and its stores. */
export interface Tab {
  /** Also the key of its jobs and drafts. */
  readonly id: string
  readonly document: DocumentStore
  readonly view: ViewStore
  readonly run: RunStore
  readonly inference: InferenceStore
}

export interface WorkspaceState {
  readonly tabs: readonly Tab[]
  readonly active: string | undefined
  /** Files by tab id. */
  readonly files: ReadonlyMap<string, TabFile>
}

/** All open documents. */
export const workspace = createStore<WorkspaceState>(() => ({ tabs: [], active: undefined, files: new Map() }))

export function activeTab(): Tab | undefined {
  const { tabs, active } = workspace.getState()
  return tabs.find(({ id }) => id === active)
}
