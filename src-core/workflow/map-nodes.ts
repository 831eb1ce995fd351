import type { Workflow, WorkflowNode } from './document.ts'

/** A document with every node changed, those of its subgraphs too. */
export function mapNodes(document: Workflow, change: (node: WorkflowNode) => WorkflowNode): Workflow {
  const changed = (nodes: Workflow['nodes']) => mapValues(nodes, change)
  const { nodes, subgraphs } = document
  return {
    ...document,
    nodes: changed(nodes),
    ...(subgraphs && { subgraphs: mapValues(subgraphs, (each) => ({ ...each, nodes: changed(each.nodes) })) }),
  }
}

function mapValues<T>(record: Readonly<Record<string, T>>, map: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}
