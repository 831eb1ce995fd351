import { copier } from './copy.ts'
import { product } from './dim.ts'
import { Graph } from './graph.ts'
import { type Node, operands, type Value } from './ir.ts'

/**
 * Cuts a graph into parts that run one after the other, each with at most about `most` bytes of float32 weights that are
 * folded; what is read as it lies in its file does not count. A
 * value that crosses a cut is an output of one part and an input of later ones, under the same name.
 *
 * Parts bound memory: a session folds casts and sums of weights when it is created, and frees none until all are
 * folded. Nodes that depend on weights alone go to the part that uses them, so no weight ever crosses a cut.
 * @returns only the graph itself if it is small enough
 */
export function cut(graph: Graph, most: number): readonly Graph[] {
  const partOf = assignParts(graph, most)
  const count = Math.max(0, ...partOf.values()) + 1
  if (count === 1) return [graph]
  const crossing = crossingValues(partOf)
  return Array.from({ length: count }, (_, part) => buildPart(graph, part, partOf, crossing))
}

/** The part number of every node that depends on an input, in node order. */
function assignParts(graph: Graph, most: number): ReadonlyMap<Node, number> {
  const dynamic = new Set<Value>(graph.inputs)
  const partOf = new Map<Node, number>()
  const counted = new Set<Value>()
  let part = 0
  let bytes = 0
  for (const node of graph.nodes) {
    if (!operands(node).some((input) => input && dynamic.has(input))) continue
    for (const output of node.outputs) dynamic.add(output)
    const added = newWeightBytes(node, dynamic, counted)
    if (bytes > 0 && bytes + added > most) {
      part += 1
      bytes = 0
    }
    bytes += added
    partOf.set(node, part)
  }
  return partOf
}

/** Float32 bytes of the weights that are folded for a node and for no earlier one. */
function newWeightBytes(node: Node, dynamic: ReadonlySet<Value>, counted: Set<Value>): number {
  let bytes = 0
  const waiting = operands(node).filter((input) => input?.origin.kind === 'node')
  for (let value = waiting.pop(); value !== undefined || waiting.length > 0; value = waiting.pop()) {
    if (!value || dynamic.has(value) || counted.has(value)) continue
    counted.add(value)
    if (value.origin.kind === 'weight') bytes += 4 * Number(product(value.shape))
    if (value.origin.kind === 'node') waiting.push(...operands(value.origin.node))
  }
  return bytes
}

/** Values that are computed in one part and used in a later one. */
function crossingValues(partOf: ReadonlyMap<Node, number>): ReadonlySet<Value> {
  const crossing = new Set<Value>()
  for (const [node, part] of partOf) {
    for (const input of operands(node)) {
      const maker = input?.origin.kind === 'node' ? partOf.get(input.origin.node) : undefined
      if (input && maker !== undefined && maker !== part) crossing.add(input)
    }
  }
  return crossing
}

function buildPart(whole: Graph, part: number, partOf: ReadonlyMap<Node, number>, crossing: ReadonlySet<Value>): Graph {
  const graph = new Graph()
  const copy = copier(graph, ({ name, dtype, shape, sizes, origin }) => {
    if (origin.kind === 'input') return graph.input(name, dtype, shape)
    const maker = origin.kind === 'node' ? partOf.get(origin.node) : undefined
    if (maker === undefined || maker === part) return undefined
    return graph.input(crossingName(name), dtype, shape, sizes)
  })
  for (const [node, maker] of partOf) {
    if (maker === part) node.outputs.forEach(copy)
  }
  for (const [node, maker] of partOf) {
    if (maker !== part) continue
    for (const output of node.outputs) if (crossing.has(output)) graph.output(crossingName(output.name), copy(output))
  }
  for (const { name, value } of whole.outputs) {
    const maker = value.origin.kind === 'node' ? partOf.get(value.origin.node) : undefined
    if (maker === part) graph.output(name, copy(value))
  }
  return graph
}

/** A name that differs from all names inside a part. */
function crossingName(name: string): string {
  return `cut/${name}`
}
