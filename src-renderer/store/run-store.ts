import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Job, JobSeed, Picture } from '#core/protocol/jobs.ts'
import type { ErrorData } from '#core/protocol/messages.ts'
import type { PreviewFrame } from '#core/protocol/preview-frame.ts'

/** A file written by a run. */
export interface SavedFile {
  readonly name: string
  readonly bytes: number
}

/** Run state of a node. */
export interface NodeRun {
  /** `idle`: nothing runs, and the results are from an earlier run. */
  readonly state: 'idle' | 'waiting' | 'running' | 'done' | 'reused' | 'failed'
  readonly step?: number
  readonly steps?: number
  /** The latest preview while it runs. */
  readonly preview?: PreviewFrame
  /** Kept until the node has new ones, so that a picture stays visible during the next run. */
  readonly pictures?: readonly Picture[]
  /** A model file that it wrote. */
  readonly saved?: SavedFile
  readonly error?: ErrorData
  readonly warning?: ErrorData
}

/** The seeds of a run. */
export interface SeedRun {
  /** The id of its job; empty before the first run. */
  readonly job: string
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number
  readonly seeds: readonly JobSeed[]
}

/** The seeds of the runs of a document. */
export interface SeedRuns {
  /** The newest run. */
  readonly sent: SeedRun
  /** The newest run that has drawn something. The document shows its seeds. */
  readonly drawn: SeedRun
}

/** Run state of a document, which is not saved with it. */
export interface RunState extends SeedRuns {
  /** The running job of this document, or else the newest. */
  readonly job: Job | undefined
  /** Nodes by id of the flat graph (`flatId`). */
  readonly nodes: ReadonlyMap<string, NodeRun>
  /** Whether the picture follows every change. */
  readonly live: boolean
}

export type RunStore = StoreApi<RunState>

/** @param shown when the last run was sent whose seeds the document shows */
export function createRunStore(shown = 0): RunStore {
  const none = { job: '', seeds: [] }
  return createStore<RunState>(() => ({
    job: undefined,
    nodes: new Map(),
    live: false,
    sent: { ...none, at: 0 },
    drawn: { ...none, at: shown },
  }))
}
