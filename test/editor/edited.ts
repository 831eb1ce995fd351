import type { Workflow } from '#core/workflow/document.ts'
import type { Command } from '#renderer/store/command.ts'
import { createDocumentStore } from '#renderer/store/document-store.ts'
import { planOf } from '#test/workflow/documents.ts'

/** The document after some commands, each made for what the one before left. */
export function edited(workflow: Workflow, ...steps: readonly ((workflow: Workflow) => Command)[]): Workflow {
  const store = createDocumentStore(workflow)
  for (const step of steps) store.commit(step(store.getState().workflow))
  return store.getState().workflow
}

/** What a document does, in an order that does not depend on the order of its nodes; why it does nothing, if so. */
export function meaningOf(workflow: Workflow): unknown {
  try {
    return planOf(workflow)
      .map((effect) => JSON.stringify(effect))
      .sort()
  } catch {
    return 'invalid'
  }
}
