import type { Subgraph, Workflow, WorkflowNode } from '#core/workflow/document.ts'

/**
 * Whether two versions of a document give the same run. Positions, titles, collapsed nodes, frames and notes do not
 * matter. Fast for versions with structural sharing, because identical objects are not compared.
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

/** Compares values without the points of links, which matter only on the canvas. */
function sameJson(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a, withoutVia) === JSON.stringify(b, withoutVia)
}

const withoutVia = (key: string, value: unknown): unknown => (key === 'via' ? undefined : value)
