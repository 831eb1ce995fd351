import { createStore } from 'zustand/vanilla'
import type { DocumentStore } from './document-store.ts'
import type { InferenceStore } from './inference.ts'
import type { RunStore } from './run-store.ts'
import type { ViewStore } from './view-store.ts'

/** The file that a tab is of, as it was when opened or saved last. */
export interface TabFile {
  readonly id: string
  readonly revision: string
  readonly name: string
}

/** One open document with all that belongs to it. */
export interface Tab {
  /** Also the key that its jobs and drafts carry. */
  readonly id: string
  readonly document: DocumentStore
  readonly view: ViewStore
  readonly run: RunStore
  readonly inference: InferenceStore
}

export interface WorkspaceState {
  readonly tabs: readonly Tab[]
  readonly active: string | undefined
  /** By id of the tab. */
  readonly files: ReadonlyMap<string, TabFile>
}

/** Every open document. */
export const workspace = createStore<WorkspaceState>(() => ({ tabs: [], active: undefined, files: new Map() }))

export function activeTab(): Tab | undefined {
  const { tabs, active } = workspace.getState()
  return tabs.find(({ id }) => id === active)
}
