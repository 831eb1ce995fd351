import { factsOf } from '#core/types/facts.ts'
import { analyse, type TypedGraph, withFacts } from '#core/workflow/analyse.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { catalogue } from '#nodes/catalogue.ts'
import type { LibraryState } from './library.ts'

interface Made {
  readonly known: LibraryState['facts']
  readonly graph: TypedGraph
}

const byWorkflow = new WeakMap<Workflow, Made>()

/**
 * The typed graph of a document version. Cached until facts of files change.
 * @throws LoomError as `analyse`
 */
export function typedGraphOf(workflow: Workflow, known: LibraryState['facts']): TypedGraph {
  const made = byWorkflow.get(workflow)
  if (made?.known === known) return made.graph
  const facts = factsOf(known)
  const graph = made ? withFacts(made.graph, facts) : analyse(workflow, catalogue, facts)
  byWorkflow.set(workflow, { known, graph })
  return graph
}
