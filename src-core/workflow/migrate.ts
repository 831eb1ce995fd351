import type { Workflow, WorkflowNode } from './document.ts'
import type { JsonObject } from './json.ts'
import { mapNodes } from './map-nodes.ts'
import { migrate } from './migrations.ts'
import type { Catalogue, NodeType } from './node-type.ts'

/** A migration from an older version to the current one. */
export interface Migration {
  /** `document`, or a type of nodes. */
  readonly of: string
  readonly from: number
  readonly to: number
  /** Number of migrated nodes; 1 for the document. */
  readonly count: number
}

/** A node migrated to the present version of its type. A node of a newer version does not change. */
export function migrateNode(node: WorkflowNode, type: NodeType): WorkflowNode {
  if (node.version >= type.version) return node
  const inputs = migrate<JsonObject>(node.inputs, node.version, type.version, type.migrate ?? {})
  return { ...node, version: type.version, inputs: inputs as WorkflowNode['inputs'] }
}

/**
 * Migrates all nodes, also in subgraphs, to the current versions of their types. Returns also the migrations.
 */
export function migrateNodes(
  workflow: Workflow,
  catalogue: Catalogue,
): { readonly workflow: Workflow; readonly migrated: readonly Migration[] } {
  const migrated = new Map<string, Migration>()
  const current = mapNodes(workflow, (node) => {
    const type = catalogue.get(node.type)
    if (type === undefined || node.version >= type.version) return node
    const { version: from } = node
    const key = `${node.type} ${from}`
    const count = (migrated.get(key)?.count ?? 0) + 1
    migrated.set(key, { of: node.type, from, to: type.version, count })
    return migrateNode(node, type)
  })
  return { workflow: current, migrated: [...migrated.values()] }
}
