import { copier } from './copy.ts'
import { product } from './dim.ts'
import { Graph } from './graph.ts'
import { dependsOnInputs, type ExternalTensor, operands, type Value } from './ir.ts'
import { placesOf } from './places.ts'

/**
 * Values that no input shapes and that nodes which depend on one read, or that are outputs: what is left of a graph once its
 * constants are folded. Weights and constants that are read as they are do not count.
 */
export function foldedValues(graph: Graph): readonly Value[] {
  const folded = new Set<Value>()
  const read = (value: Value | undefined) => {
    if (value?.origin.kind === 'node' && !dependsOnInputs(value)) folded.add(value)
  }
  for (const node of graph.nodes) {
    if (node.outputs.some(dependsOnInputs)) operands(node).forEach(read)
  }
  for (const { value } of graph.outputs) read(value)
  return [...folded]
}

/** Bytes of a value of known sizes in float32. */
export function float32Bytes({ shape }: Pick<Value, 'shape'>): number {
  return Float32Array.BYTES_PER_ELEMENT * Number(product(shape))
}

/** A graph without inputs that computes the values, as outputs `0`, `1` and so on. */
export function graphOf(values: readonly Value[]): Graph {
  const graph = new Graph()
  const copy = copier(graph, () => undefined)
  for (const [index, value] of values.entries()) graph.output(String(index), copy(value))
  return graph
}

/** The graph with weights in files in the place of some of its values. */
export function withWeights(old: Graph, places: ReadonlyMap<Value, ExternalTensor>): Graph {
  const graph = new Graph()
  const modules = placesOf(old)
  const copy = copier(graph, (value) => {
    const { name, dtype, shape, origin } = value
    if (origin.kind === 'input') return graph.input(name, dtype, shape)
    const external = places.get(value)
    if (!external) return undefined
    const module = origin.kind === 'node' && modules.get(origin.node)
    return graph.weight(module ? `${module}.${name}` : `folded/${name}`, dtype, shape.map(Number), external)
  })
  for (const input of old.inputs) copy(input)
  for (const { outputs } of old.nodes) outputs.forEach(copy)
  for (const { name, value } of old.outputs) graph.output(name, copy(value))
  graph.prune()
  return graph
}
