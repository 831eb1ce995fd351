import type { Subgraph, Workflow, WorkflowNode } from '#core/workflow/document.ts'

/**
 * Whether two states of a document run alike: what lies elsewhere, is titled anew, folded, framed or noted changes no picture. Made
 * for states that share what did not change, as an editor's do: what is the same object is not looked into.
 */
export function sameRun(a: Workflow, b: Workflow): boolean {
  return sameEntries(a.nodes, b.nodes, sameNode) && sameEntries(a.subgraphs ?? {}, b.subgraphs ?? {}, sameSubgraph)
}

function sameSubgraph(a: Subgraph, b: Subgraph): boolean {
  return sameEntries(a.nodes, b.nodes, sameNode) && sameJson(a.inputs, b.inputs) && sameJson(a.outputs, b.outputs)
}

function sameNode(a: WorkflowNode, b: WorkflowNode): boolean {
  return (
    a.type === b.type &&
    a.version === b.version &&
    (a.state ?? 'on') === (b.state ?? 'on') &&
    sameJson(a.inputs, b.inputs)
  )
}

function sameEntries<T>(
  a: Readonly<Record<string, T>>,
  b: Readonly<Record<string, T>>,
  same: (a: T, b: T) => boolean,
): boolean {
  if (a === b) return true
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const [left, right] = [a[name], b[name]]
      return left === right || (left !== undefined && right !== undefined && same(left, right))
    })
  )
}

/** The points that a link runs through are of the canvas alone. */
function sameJson(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a, withoutVia) === JSON.stringify(b, withoutVia)
}

const withoutVia = (key: string, value: unknown): unknown => (key === 'via' ? undefined : value)
