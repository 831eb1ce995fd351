import type { Graph } from './graph.ts'
import { type Node, operands, type TensorType, type Value } from './ir.ts'

/**
 * The graph as text, to read and to compare: one line per value, with the name of its weight or op, its inputs and its
 * type. Equal graphs give equal texts.
 */
export function print(graph: Graph): string {
  const leaves = new Set<Value>()
  for (const node of graph.nodes) {
    for (const input of operands(node)) {
      if (input && input.origin.kind !== 'node' && input.origin.kind !== 'input') leaves.add(input)
    }
  }
  return [
    ...graph.inputs.map((value) => `input ${value.name}: ${typeText(value)}`),
    ...Array.from(leaves, leafText),
    ...graph.nodes.map(nodeText),
    ...graph.outputs.map(({ name, value }) => `output ${name} = ${value.name}: ${typeText(value)}`),
    '',
  ].join('\n')
}

function leafText(value: Value): string {
  const data = value.origin.kind === 'constant' ? ` = ${constantText(value.origin.data)}` : ''
  return `${value.origin.kind} ${value.name}: ${typeText(value)}${data}`
}

function constantText(data: ArrayLike<number | bigint>): string {
  const shown = Array.from({ length: Math.min(data.length, 8) }, (_, index) => String(data[index]))
  return `{${shown.join(', ')}${data.length > shown.length ? ', ...' : ''}}`
}

function nodeText(node: Node): string {
  const outputs = node.outputs.map(({ name }) => name).join(', ')
  const inputs = operands(node)
    .map((input) => input?.name ?? '-')
    .join(', ')
  const attributes = Object.entries(node.attributes).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`)
  return `${outputs} = ${node.op}(${inputs})${attributes.join('')}: ${node.outputs.map(typeText).join(', ')}`
}

function typeText({ dtype, shape }: TensorType): string {
  return `${dtype}[${shape.join(', ')}]`
}
