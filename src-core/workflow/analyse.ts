import { LoomError } from '#core/errors.ts'
import { convert } from '#core/types/convert.ts'
import type { Facts } from '#core/types/facts.ts'
import type { Type } from '#core/types/types.ts'
import { narrowed, readConstant } from './constant.ts'
import { own, type Workflow } from './document.ts'
import { type Bound, type Flat, type FlatNode, flatten, type Origin } from './flatten.ts'
import type { Catalogue, Constant, InputPort, NodeType } from './node-type.ts'
import { dependencyOrder, type Order } from './order.ts'

/** A link to an existing output, with the output's type. */
interface Linked {
  readonly kind: 'link'
  readonly node: string
  readonly output: string
  readonly origin: Origin
  readonly type: Type
}

/** The content of an input of a known node. */
export type Argument =
  | Linked
  | { readonly kind: 'constant'; readonly value: Constant; readonly origin: Origin }
  | { readonly kind: 'wrong'; readonly error: LoomError; readonly origin: Origin }
  | { readonly kind: 'open'; readonly because?: string; readonly origin: Origin }

/** A node of the flat graph, with its inferred types. */
export interface TypedNode {
  readonly flat: FlatNode
  readonly type: NodeType | undefined
  readonly title: string
  /** Ports and arguments by input name; empty for a node of unknown type. */
  readonly inputs: ReadonlyMap<string, { readonly port: InputPort; readonly argument: Argument }>
  readonly inputTypes: Readonly<Record<string, Type | undefined>>
  readonly outputs: Readonly<Record<string, Type>>
  /** The node is muted, or depends on a muted node, so it does not run. */
  readonly silent: boolean
}

/** The typed graph, the common input of validation, inference and lowering. */
export interface TypedGraph {
  readonly workflow: Workflow
  readonly catalogue: Catalogue
  /** The facts of files from which the types were inferred. */
  readonly facts: Facts
  readonly flat: Flat
  /** Dependencies first, except in cycles. */
  readonly nodes: ReadonlyMap<string, TypedNode>
  readonly cycles: Order['cycles']
}

const unknown: Type = { kind: 'unknown' }

/** Flattens the graph, sorts it, and infers every type. Never fails, whatever is wrong with the document. */
export function analyse(workflow: Workflow, catalogue: Catalogue, facts: Facts): TypedGraph {
  const flat = flatten(workflow, catalogue)
  const { order, cycles } = dependencyOrder(flat.nodes.keys(), (id) => sourcesOf(flat.nodes.get(id)))
  return { workflow, catalogue, facts, flat, nodes: typedNodes(flat, order, catalogue, facts), cycles }
}

/** The graph with the types that other facts give: what is opened and sorted already stays so. */
export const withFacts = (graph: TypedGraph, facts: Facts): TypedGraph => ({
  ...graph,
  facts,
  nodes: typedNodes(graph.flat, graph.nodes.keys(), graph.catalogue, facts),
})

/** @param order dependencies first */
function typedNodes({ nodes: flat }: Flat, order: Iterable<string>, catalogue: Catalogue, facts: Facts) {
  const nodes = new Map<string, TypedNode>()
  for (const id of order) {
    const node = flat.get(id)
    if (node) nodes.set(id, typed(node, catalogue.get(node.node.type), nodes, facts))
  }
  return nodes
}

/** Ids of the nodes that a node's inputs are linked to, without duplicates. */
export function sourcesOf(node: FlatNode | undefined): string[] {
  const sources = new Set<string>()
  for (const bound of node?.inputs.values() ?? []) if (bound.kind === 'link') sources.add(bound.node)
  return [...sources]
}

function typed(
  flat: FlatNode,
  type: NodeType | undefined,
  nodes: ReadonlyMap<string, TypedNode>,
  facts: Facts,
): TypedNode {
  const inputs: [string, { port: InputPort; argument: Argument }][] = []
  const inputTypes: [string, Type | undefined][] = []
  for (const [name, port] of Object.entries(type?.inputs ?? {})) {
    const bound = flat.inputs.get(name) ?? { kind: 'open', origin: { node: flat.id, input: name } }
    const argument = argumentOf(bound, port, nodes)
    inputs.push([name, { port, argument }])
    inputTypes.push([name, typeOf(argument, port)])
  }
  const types = Object.fromEntries(inputTypes)
  return {
    flat,
    type,
    title: flat.node.title ?? type?.title ?? flat.node.type,
    inputs: new Map(inputs),
    inputTypes: types,
    outputs: type?.infer(types, facts) ?? {},
    silent: flat.muted || sourcesOf(flat).some((source) => nodes.get(source)?.silent),
  }
}

/** The constants of a node's inputs. */
export function constantsOf({ inputs }: TypedNode): Readonly<Record<string, Constant>> {
  const constants = [...inputs].flatMap(([name, { argument }]): [string, Constant][] =>
    argument.kind === 'constant' ? [[name, argument.value]] : [],
  )
  return Object.fromEntries(constants)
}

function argumentOf(bound: Bound, port: InputPort, nodes: ReadonlyMap<string, TypedNode>): Argument {
  if (bound.kind === 'link') return { ...bound, type: outputType(nodes, bound.node, bound.output) }
  const { origin } = bound
  if (bound.kind === 'constant') {
    const value = readConstant(port.type, bound.value, port.label)
    return value instanceof LoomError ? { kind: 'wrong', error: value, origin } : { kind: 'constant', value, origin }
  }
  if (bound.kind === 'open' && port.default !== undefined && bound.because === undefined) {
    return { kind: 'constant', value: port.default, origin }
  }
  return bound
}

/** The type of an input's argument. The port's type if the argument does not fit. */
function typeOf(argument: Argument, port: InputPort): Type | undefined {
  if (argument.kind === 'constant') return narrowed(port.type, argument.value)
  if (argument.kind === 'link') {
    const fits = argument.type.kind === port.type.kind && convert(argument.type, port.type)
    return fits ? argument.type : port.type
  }
  return argument.kind === 'open' && port.optional ? undefined : port.type
}

/** The type of an output. Unknown for an output that does not exist, and for a later node of a cycle. */
function outputType(nodes: ReadonlyMap<string, TypedNode>, node: string, output: string): Type {
  return own(nodes.get(node)?.outputs ?? {}, output) ?? unknown
}

/** Types of outputs by flat id and output name. */
export type OutputTypes = ReadonlyMap<string, Readonly<Record<string, Type>>>

/** The types of all outputs, including those of instances and bypassed nodes, which resolve to other nodes' outputs. */
export function outputTypes({ flat, nodes }: TypedGraph): OutputTypes {
  const types = new Map<string, Readonly<Record<string, Type>>>()
  for (const [id, { outputs }] of nodes) types.set(id, outputs)
  for (const [id, outlets] of flat.outlets()) {
    const outputs = [...outlets].map(([output, bound]): [string, Type] => [
      output,
      bound.kind === 'link' ? outputType(nodes, bound.node, bound.output) : unknown,
    ])
    types.set(id, Object.fromEntries(outputs))
  }
  return types
}
