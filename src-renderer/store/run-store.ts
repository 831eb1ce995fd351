import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Job, Picture } from '#core/protocol/jobs.ts'
import type { ErrorData } from '#core/protocol/messages.ts'
import type { PreviewFrame } from '#core/protocol/preview-frame.ts'

/** A file that a run wrote, by its name alone. */
export interface SavedFile {
  readonly name: string
  readonly bytes: number
}

/** What runs said of one node, the newest last. */
export interface NodeRun {
  /** `idle`: nothing is under way; what it shows is of an earlier run. */
  readonly state: 'idle' | 'waiting' | 'running' | 'done' | 'reused' | 'failed'
  readonly step?: number
  readonly steps?: number
  /** The newest preview while it runs. */
  readonly preview?: PreviewFrame
  /** Kept until the node gives others, so that a picture stays to be seen while the next is made. */
  readonly pictures?: readonly Picture[]
  /** A model file that it wrote. */
  readonly saved?: SavedFile
  readonly error?: ErrorData
  readonly warning?: ErrorData
}

/** What runs of one document said; nothing of it is part of the document. */
export interface RunState {
  /** The job of this document that runs, else the newest. */
  readonly job: Job | undefined
  /** By id of the flat graph (`flatId`). */
  readonly nodes: ReadonlyMap<string, NodeRun>
  /** Whether the picture follows every change. */
  readonly live: boolean
}

export type RunStore = StoreApi<RunState>

export const createRunStore = (): RunStore =>
  createStore<RunState>(() => ({ job: undefined, nodes: new Map(), live: false }))
