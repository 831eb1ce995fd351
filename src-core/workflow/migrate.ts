import type { Workflow, WorkflowNode } from './document.ts'
import type { JsonObject } from './json.ts'
import { mapNodes } from './map-nodes.ts'
import type { Catalogue, NodeType } from './node-type.ts'

/** A node as the present version of its type writes it; a node of a newer version stays as it is. */
export function migrateNode(node: WorkflowNode, type: NodeType): WorkflowNode {
  if (node.version >= type.version) return node
  let inputs: JsonObject = node.inputs
  for (let version = node.version + 1; version <= type.version; version += 1) {
    inputs = type.migrate?.[version]?.(inputs) ?? inputs
  }
  return { ...node, version: type.version, inputs: inputs as WorkflowNode['inputs'] }
}

/** The document, or a part of one, with all nodes as the present versions of their types write them. */
export function migrateNodes<Document extends Pick<Workflow, 'nodes' | 'subgraphs'>>(
  document: Document,
  catalogue: Catalogue,
): Document {
  return mapNodes(document, (node) => {
    const type = catalogue.get(node.type)
    return type ? migrateNode(node, type) : node
  })
}
