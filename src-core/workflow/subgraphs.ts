import { LoomError } from '#core/errors.ts'
import { constantOf, isOuter, own, type Subgraph, type Workflow, type WorkflowNode } from './document.ts'
import type { Catalogue, InputPort, Port } from './node-type.ts'
import { dependencyOrder, printCycle } from './order.ts'

const prefix = 'subgraph:'

/** The node type of a subgraph's instances. */
export const instanceType = (subgraph: string): string => `${prefix}${subgraph}`

/** The id of the subgraph that a node type names. */
export const subgraphOf = (type: string): string | undefined =>
  type.startsWith(prefix) ? type.slice(prefix.length) : undefined

/** The interface of a node of the catalogue or of an instance of a subgraph. */
export interface Signature {
  readonly title: string
  readonly inputs: Readonly<Record<string, InputPort>>
  readonly outputs: Readonly<Record<string, Port>>
}

export interface Subgraphs {
  /** The subgraph that the node is an instance of, if it can be opened. */
  definitionOf(node: WorkflowNode): Subgraph | undefined
  /** Undefined for a type that neither the catalogue nor the document defines. */
  signatureOf(node: WorkflowNode): Signature | undefined
  readonly problems: readonly LoomError[]
}

/**
 * The subgraphs of a document as node types. The ports of an instance have the types and limits of the inner ports that
 * they lead to, and their defaults unless the subgraph has its own. A subgraph that contains itself is a problem and is never opened.
 */
export function subgraphsOf(workflow: Workflow, catalogue: Catalogue): Subgraphs {
  const definitions = new Map(Object.entries(workflow.subgraphs ?? {}))
  const signatures = new Map<string, Signature>()
  const idOf = ({ type }: WorkflowNode): string => subgraphOf(type) ?? ''
  const signatureOf = (node: WorkflowNode): Signature | undefined =>
    catalogue.get(node.type) ?? signatures.get(idOf(node))

  const { order, cycles, looping } = dependencyOrder(definitions.keys(), (id) =>
    Object.values(definitions.get(id)?.nodes ?? {})
      .map(idOf)
      .filter((inner) => definitions.has(inner)),
  )
  for (const id of order) {
    const definition = definitions.get(id)
    if (definition) signatures.set(id, signatureFrom(id, definition, signatureOf))
  }
  return {
    definitionOf: (node) => (looping.has(idOf(node)) ? undefined : definitions.get(idOf(node))),
    signatureOf,
    problems: cycles.map(
      (cycle) =>
        new LoomError('cycle', `Subgraphs hold each other in a circle: ${printCycle(cycle)}.`, {
          hint: 'Take one of these subgraphs out of the other.',
        }),
    ),
  }
}

function signatureFrom(
  id: string,
  definition: Subgraph,
  signatureOf: (node: WorkflowNode) => Signature | undefined,
): Signature {
  const fed = new Map<string, InputPort>()
  for (const node of Object.values(definition.nodes)) {
    const ports = signatureOf(node)?.inputs ?? {}
    for (const [name, value] of Object.entries(node.inputs)) {
      const port = own(ports, name)
      if (port && isOuter(value) && !fed.has(value.input)) fed.set(value.input, port)
    }
  }
  const inputs = Object.entries(definition.inputs).map(([name, { label = name, default: declared }]) => {
    const port = fed.get(name) ?? { ...unknownPort, optional: true }
    const value = declared === undefined ? undefined : constantOf(declared)
    const isValue = typeof value === 'number' || typeof value === 'string'
    return [name, { ...port, label, ...(isValue && { default: value }) }]
  })
  const outputs = Object.entries(definition.outputs).map(([name, { label = name, link }]) => {
    const inner = own(definition.nodes, link[0])
    const port = (inner && own(signatureOf(inner)?.outputs ?? {}, link[1])) ?? unknownPort
    return [name, { ...port, label }]
  })
  const title = definition.name ?? id
  return { title, inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(outputs) }
}

const unknownPort: Port = { type: { kind: 'unknown' }, label: '', description: '' }
