import type { Workflow } from '#core/workflow/document.ts'
import type { ItemKey } from './graph.ts'

/**
 * A change of the document as one undo step. `src-renderer/commands` creates commands; `DocumentStore.commit` applies
 * them.
 */
export interface Command {
  /** Shown in the Edit menu after "Undo": "Add Sampler", "Move 3 nodes". */
  readonly label: string
  /** Changes an immer draft of the workflow in place. */
  apply(workflow: Workflow): void
  /** Consecutive commands with the same group are one undo step: keys in a field, frames of a drag. */
  readonly group?: string
  /** The new selection. Absent: unchanged. */
  readonly select?: readonly ItemKey[]
}
