import { LoomError } from '#core/errors.ts'
import { sameShape } from './dim.ts'
import type { Graph } from './graph.ts'
import { infer } from './infer.ts'
import { type Node, type NodeOf, type Op, operands, ops, type TensorType, type Value } from './ir.ts'

/**
 * Infers every shape and dtype again, and checks that each value is defined once and before its use. Throws `internal`,
 * with the value's name, if the graph is not well formed.
 */
export function verify(graph: Graph): void {
  const bound = new Set<Value>()
  const names = new Map<string, Value>()
  const bind = (value: Value) => {
    if (names.get(value.name)) fail(`The value ${value.name} is made twice.`)
    names.set(value.name, value)
    bound.add(value)
  }
  const use = (value: Value, user: string) => {
    if (bound.has(value)) return
    if (value.origin.kind === 'node' || value.origin.kind === 'input') {
      fail(`${user} uses ${value.name}, which nothing before it makes.`)
    }
    bind(value)
  }
  for (const input of graph.inputs) bind(input)
  for (const node of graph.nodes) {
    for (const input of operands(node)) if (input) use(input, node.op)
    checkNode(node)
    for (const output of node.outputs) bind(output)
  }
  const outputs = new Set<string>()
  for (const { name, value } of graph.outputs) {
    if (outputs.has(name) || names.has(name)) fail(`The output name ${name} is taken.`)
    outputs.add(name)
    use(value, `The output ${name}`)
  }
  if (outputs.size === 0) fail('The graph has no outputs.')
}

function checkNode<O extends Op>(node: NodeOf<O> | Node): void {
  const { op, inputs, attributes, outputs } = node as NodeOf<O>
  const expected: readonly string[] = ops[op].inputs
  const given: readonly (Value | undefined)[] = inputs
  if (expected[0] !== '...' && given.length !== expected.length) {
    fail(`${op} has ${given.length} inputs, not ${expected.length}.`)
  }
  expected.forEach((name, index) => {
    if (name !== '...' && !name.endsWith('?') && !given[index]) fail(`${op} lacks its input ${name}.`)
  })
  const types = infer(op, inputs, attributes)
  const same = types.length === outputs.length && types.every((type, index) => sameType(type, outputs[index]))
  if (!same) fail(`${outputs.map(({ name }) => name).join(', ')} does not have the type that ${op} gives it.`)
}

function sameType(expected: TensorType, actual: TensorType | undefined): boolean {
  return actual !== undefined && actual.dtype === expected.dtype && sameShape(actual.shape, expected.shape)
}

function fail(message: string): never {
  throw new LoomError('internal', message)
}
