import type { Workflow } from '#core/workflow/document.ts'
import type { ItemKey } from './graph.ts'

/**
 * A change of the document as one step of undo. `src-renderer/commands` makes them; `DocumentStore.commit` applies them.
 */
export interface Command {
  /** What the Edit menu says after "Undo": "Add Sampler", "Move 3 nodes". */
  readonly label: string
  /** Changes the workflow in place: immer keeps the version before. */
  apply(workflow: Workflow): void
  /** Commands in a row with the same group are one step of undo: keys of a field, frames of a drag. */
  readonly group?: string
  /** What is selected afterwards; left out: what was. */
  readonly select?: readonly ItemKey[]
}
