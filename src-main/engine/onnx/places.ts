import type { Graph } from './graph.ts'
import { dependsOnInputs, type Node, operands, type Value } from './ir.ts'

/**
 * Where in a network each node belongs: to the module whose weights it reads, `down_blocks.0.resnets.0.conv1`, else to
 * what the modules before it have in common. Empty if that is nothing.
 */
export function placesOf(graph: Graph): ReadonlyMap<Node, string> {
  const places = new Map<Node, string>()
  const placeOf = ({ name, origin }: Value) =>
    origin.kind === 'node' ? (places.get(origin.node) ?? '') : origin.kind === 'weight' ? moduleOf(name) : ''
  for (const node of graph.nodes) {
    const inputs = operands(node).filter((input) => input !== undefined)
    const [own, before] = [inputs.filter((input) => !dependsOnInputs(input)), inputs.filter(dependsOnInputs)].map(
      (values) => values.map(placeOf).filter((place) => place !== ''),
    )
    places.set(node, common(own) || common(before) || (before?.[0] ?? ''))
  }
  return places
}

/** The module of a weight: `conv1` of `conv1.weight`. */
function moduleOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('.')))
}

/** The module that holds all of these. */
function common([first = '', ...others]: readonly string[] = []): string {
  const parts = first.split('.')
  const length = others.reduce((most, other) => {
    const theirs = other.split('.')
    const end = parts.findIndex((part, index) => index >= most || part !== theirs[index])
    return end < 0 ? most : Math.min(most, end)
  }, parts.length)
  return parts.slice(0, length).join('.')
}
