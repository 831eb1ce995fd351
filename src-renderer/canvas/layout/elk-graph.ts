import type { ElkExtendedEdge, ElkNode, ElkPort } from 'elkjs/lib/elk-api.js'
import type { Signature } from '#core/workflow/subgraphs.ts'
import { boxesOf } from '../../commands/arrange.ts'
import { itemsInFrame } from '../../commands/frames.ts'
import {
  frameKey,
  type Graph,
  type ItemKey,
  itemOf,
  linksIn,
  noteKey,
  type Point,
  type Sizes,
} from '../../store/graph.ts'

/** The graph to lay out, with sizes and signatures. */
export interface LayoutSource {
  readonly graph: Graph
  readonly sizes: Sizes
  /** Gives the order of a node's ports. */
  signature(id: string): Signature | undefined
}

/** The new position of an item, and the new size of a frame. */
export interface Place {
  readonly at: Point
  readonly size?: Point
}

const options = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.spacing.nodeNode': '32',
  'elk.spacing.componentComponent': '64',
  'elk.layered.spacing.nodeNodeBetweenLayers': '80',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
}

/** Padding of a frame, with room for its title. */
const frameOptions = { 'elk.padding': '[top=48,left=16,bottom=16,right=16]' }

/**
 * The items to lay out: the requested ones and the content of their frames. Empty frames are left out, and so are notes
 * outside frames, because they have no links to order them by.
 * @param only undefined for everything
 */
function itemsToLayOut({ graph, sizes }: LayoutSource, only: Iterable<ItemKey> | undefined) {
  const asked = only ? new Set(only) : undefined
  const frames = (graph.frames ?? [])
    .map((frame, index) => ({
      key: frameKey(index),
      area: frame.size[0] * frame.size[1],
      held: itemsInFrame(graph, index, sizes),
    }))
    .filter(({ key, held }) => held.length > 0 && (!asked || asked.has(key)))
    .sort((a, b) => b.area - a.area)
  // for nested frames the innermost comes last and wins
  const frameOf = new Map(frames.flatMap(({ key, held }) => held.map((item): [ItemKey, ItemKey] => [item, key])))
  const notes = (graph.notes ?? []).map((_, index) => noteKey(index)).filter((key) => frameOf.has(key))
  const inner = [...frameOf.keys()].filter((key) => itemOf(key).kind === 'node')
  const nodes = Object.keys(graph.nodes).filter((id) => !asked || asked.has(id) || inner.includes(id))
  return { keys: [...frames.map(({ key }) => key), ...nodes, ...notes], frameOf }
}

/** The items and links as an ELK graph. Frames contain their items, and ports have fixed positions on the node. */
export function elkGraph(source: LayoutSource, only?: Iterable<ItemKey>): ElkNode {
  const { keys, frameOf } = itemsToLayOut(source, only)
  const included = new Set(keys)
  const links = linksOf(source.graph).filter(({ from, to }) => from !== to && included.has(from) && included.has(to))
  const ports = portsOf(links)
  const elements = new Map(keys.map((key) => [key, elementOf(key, source, ports.get(key))]))
  const edges = links.map(({ from, output, to, input }): ElkExtendedEdge => {
    const target = inputId(to, input)
    return { id: `link into ${target}`, sources: [outputId(from, output)], targets: [target] }
  })
  const root: ElkNode = { id: 'root', layoutOptions: options, children: [], edges }
  for (const [key, element] of elements) {
    const frame = elements.get(frameOf.get(key) ?? '') ?? root
    frame.children = [...(frame.children ?? []), element]
  }
  return root
}

function elementOf(key: ItemKey, { graph, sizes, signature }: LayoutSource, linked: Ports = noPorts): ElkNode {
  const { kind } = itemOf(key)
  if (kind === 'frame') return { id: key, layoutOptions: frameOptions }
  const [{ width, height } = { width: 0, height: 0 }] = boxesOf(graph, [key], sizes)
  if (kind === 'note') return { id: key, width, height }
  const known = signature(key)
  // ports that are not in the signature come last, because broken links are also drawn
  const inputs = [...new Set([...Object.keys(known?.inputs ?? {}), ...linked.inputs])]
  const outputs = [...new Set([...Object.keys(known?.outputs ?? {}), ...linked.outputs])]
  return {
    id: key,
    width,
    height,
    layoutOptions: { 'elk.portConstraints': 'FIXED_ORDER' },
    // ports are ordered clockwise from the upper left corner: down the right side, up the left side
    ports: [
      ...outputs.map((port, place) => elkPort(outputId(key, port), 'EAST', place)),
      ...inputs.map((port, place) => elkPort(inputId(key, port), 'WEST', outputs.length + inputs.length - place)),
    ],
  }
}

const outputId = (node: string, port: string): string => `${node} output ${port}`
const inputId = (node: string, port: string): string => `${node} input ${port}`

const elkPort = (id: string, side: 'EAST' | 'WEST', index: number): ElkPort => ({
  id,
  width: 1,
  height: 1,
  layoutOptions: { 'elk.port.side': side, 'elk.port.index': String(index) },
})

interface LinkEnds {
  readonly from: string
  readonly output: string
  readonly to: string
  readonly input: string
}

const linksOf = (graph: Graph): LinkEnds[] =>
  [...linksIn(graph)].map(
    ([
      { node, input },
      {
        link: [from, output],
      },
    ]) => ({ from, output, to: node, input }),
  )

interface Ports {
  readonly inputs: string[]
  readonly outputs: string[]
}

const noPorts: Ports = { inputs: [], outputs: [] }

/** Linked ports by node. */
function portsOf(links: readonly LinkEnds[]): Map<string, Ports> {
  const ports = new Map<string, Ports>()
  const at = (node: string): Ports => {
    const known = ports.get(node) ?? { inputs: [], outputs: [] }
    ports.set(node, known)
    return known
  }
  for (const { from, output, to, input } of links) {
    at(from).outputs.push(output)
    at(to).inputs.push(input)
  }
  return ports
}

/** ELK's positions, shifted so that the upper left corner of all items stays in place. */
export function placesOf(root: ElkNode, { graph, sizes }: LayoutSource): Map<ItemKey, Place> {
  const found = [...elements(root, 0, 0)]
  const before = boxesOf(
    graph,
    found.map(({ id }) => id),
    sizes,
  )
  const dx = least(before.map(({ x }) => x)) - least(found.map(({ x }) => x))
  const dy = least(before.map(({ y }) => y)) - least(found.map(({ y }) => y))
  return new Map(
    found.map(({ id, x, y, width = 0, height = 0 }) => {
      const at = [Math.round(x + dx), Math.round(y + dy)] as const
      const isFrame = itemOf(id).kind === 'frame'
      return [id, isFrame ? { at, size: [Math.round(width), Math.round(height)] } : { at }]
    }),
  )
}

type Placed = ElkNode & { x: number; y: number }

/** All elements inside an element, with absolute positions. */
function* elements({ children = [] }: ElkNode, left: number, top: number): Generator<Placed> {
  for (const child of children) {
    const placed = { ...child, x: left + (child.x ?? 0), y: top + (child.y ?? 0) }
    yield placed
    yield* elements(child, placed.x, placed.y)
  }
}

const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
