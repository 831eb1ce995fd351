import { createStore, type StoreApi } from 'zustand/vanilla'
import type { LoomError } from '#core/errors.ts'
import type { Type } from '#core/types/types.ts'

/** Inferred state of a document, updated a moment after every change. */
export interface InferenceState {
  /** Types of the outputs, by id of the flat graph and name. */
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, Type>>>
  /** Problems by id of the flat graph. Those without a node are under ''. */
  readonly problems: ReadonlyMap<string, readonly LoomError[]>
  /** Advice by id of the flat graph. */
  readonly advice: ReadonlyMap<string, readonly LoomError[]>
}

export type InferenceStore = StoreApi<InferenceState>

export const createInferenceStore = (): InferenceStore =>
  createStore<InferenceState>(() => ({ outputs: new Map(), problems: new Map(), advice: new Map() }))
