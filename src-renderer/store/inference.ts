import { createStore, type StoreApi } from 'zustand/vanilla'
import type { LoomError } from '#core/errors.ts'
import type { Type } from '#core/types/types.ts'

/** What the editor knows of a document by thinking about it: made anew a moment after every change. */
export interface InferenceState {
  /** Types of the outputs, by id of the flat graph and name. */
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, Type>>>
  /** What is wrong, by id of the flat graph; under '' what belongs to no node. */
  readonly problems: ReadonlyMap<string, readonly LoomError[]>
  /** What will run and yet disappoint, by id of the flat graph. */
  readonly advice: ReadonlyMap<string, readonly LoomError[]>
}

export type InferenceStore = StoreApi<InferenceState>

export const createInferenceStore = (): InferenceStore =>
  createStore<InferenceState>(() => ({ outputs: new Map(), problems: new Map(), advice: new Map() }))
