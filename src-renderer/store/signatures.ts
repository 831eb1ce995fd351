import type { Workflow, WorkflowNode } from '#core/workflow/document.ts'
import { type Signature, type Subgraphs, subgraphsOf } from '#core/workflow/subgraphs.ts'
import { catalogue } from '#nodes/catalogue.ts'

const bySubgraphs = new WeakMap<object, Subgraphs>()
const none: NonNullable<Workflow['subgraphs']> = {}

/** The subgraphs of a document as node types. Cached until a subgraph changes. */
export function subgraphsIn(workflow: Workflow): Subgraphs {
  const definitions = workflow.subgraphs ?? none
  const known = bySubgraphs.get(definitions)
  if (known) return known
  const made = subgraphsOf(workflow, catalogue)
  bySubgraphs.set(definitions, made)
  return made
}

/** The signature of a node; undefined for an unknown type. */
export const signatureIn = (workflow: Workflow, node: WorkflowNode): Signature | undefined =>
  subgraphsIn(workflow).signatureOf(node)
