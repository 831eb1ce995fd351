import { LoomError } from '#core/errors.ts'
import type { Graph } from './graph.ts'
import { type Inputs, type Node, type NodeOf, type Op, operands, type Value } from './ir.ts'

/**
 * A function that copies values into `graph`, each once, with the nodes that make them.
 * @param instead may give a value of `graph` that takes the place of one; inputs need one
 */
export function copier(graph: Graph, instead: (value: Value) => Value | undefined): (value: Value) => Value {
  const copies = new Map<Value, Value>()
  const copy = (value: Value): Value => {
    const known = copies.get(value)
    if (known) return known
    const made = instead(value) ?? copyOf(value)
    copies.set(value, made)
    return made
  }
  const copyOf = (value: Value): Value => {
    const { name, dtype, shape, origin } = value
    if (origin.kind === 'weight') return graph.weight(name, dtype, shape.map(Number), origin.external)
    if (origin.kind === 'constant') return graph.constant(origin.data, shape.map(Number))
    if (origin.kind === 'node') return copyNode(origin.node, value)
    throw new LoomError('internal', `Nothing takes the place of the input ${name}.`)
  }
  const copyNode = <O extends Op>(node: Node & NodeOf<O>, wanted: Value): Value => {
    const inputs = operands(node).map((input) => input && copy(input)) as unknown as Inputs<O>
    const made = graph.addAll(node.op, inputs, node.attributes)[node.outputs.indexOf(wanted)]
    if (!made) throw new LoomError('internal', `${wanted.name} is no output of its node.`)
    return made
  }
  return copy
}
