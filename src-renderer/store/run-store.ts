import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Job, Picture } from '#core/protocol/jobs.ts'
import type { ErrorData } from '#core/protocol/messages.ts'
import type { PreviewFrame } from '#core/protocol/preview-frame.ts'

/** What the last run said of one node. */
export interface NodeRun {
  readonly state: 'waiting' | 'running' | 'done' | 'reused' | 'failed'
  readonly step?: number
  readonly steps?: number
  /** The newest preview while it runs. */
  readonly preview?: PreviewFrame
  /** Kept until the node gives others, so that a picture stays to be seen while the next is made. */
  readonly pictures?: readonly Picture[]
  readonly error?: ErrorData
  readonly warning?: ErrorData
}

/** What runs of one document said; nothing of it is part of the document. */
export interface RunState {
  /** The newest job of this document. */
  readonly job: Job | undefined
  /** By id of the flat graph (`flatId`). */
  readonly nodes: ReadonlyMap<string, NodeRun>
  /** Whether the picture follows every change. */
  readonly live: boolean
}

export type RunStore = StoreApi<RunState>

export const createRunStore = (): RunStore =>
  createStore<RunState>(() => ({ job: undefined, nodes: new Map(), live: false }))
