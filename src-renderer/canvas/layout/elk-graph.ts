import type { ElkExtendedEdge, ElkNode, ElkPort } from 'elkjs/lib/elk-api.js'
import { isLink } from '#core/workflow/document.ts'
import type { Signature } from '#core/workflow/subgraphs.ts'
import { type Graph, type ItemKey, itemOf } from '../../store/graph.ts'

type Pair = readonly [number, number]

/** What the layout has to know of a graph besides its links. */
export interface LayoutShapes {
  /** Upper left corner and size of a node, frame or note as it is drawn; undefined for one that is gone. */
  box(key: ItemKey): { readonly at: Pair; readonly size: Pair } | undefined
  /** For the order of a node's ports. */
  signature(id: string): Signature | undefined
  /** The innermost frame that it lies in. */
  frameOf(key: ItemKey): ItemKey | undefined
}

/** Where something comes to lie; of a frame also how large it becomes. */
export interface Place {
  readonly at: Pair
  readonly size?: Pair
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

/** Room for the title of a frame, and around what lies in it. */
const frameOptions = { 'elk.padding': '[top=48,left=16,bottom=16,right=16]' }

/** The items and the links between them as ELK wants them: frames hold what lies in them, ports have their place on the node. */
export function elkGraph(graph: Graph, shapes: LayoutShapes, keys: readonly ItemKey[]): ElkNode {
  const included = new Set(keys)
  const links = linksOf(graph).filter(({ from, to }) => from !== to && included.has(from) && included.has(to))
  const ports = portsOf(links)
  const elements = new Map(keys.map((key) => [key, elementOf(key, shapes, ports.get(key))]))
  const edges = links.map(({ from, output, to, input }): ElkExtendedEdge => {
    const target = inputId(to, input)
    return { id: `link into ${target}`, sources: [outputId(from, output)], targets: [target] }
  })
  const root: ElkNode = { id: 'root', layoutOptions: options, children: [], edges }
  for (const [key, element] of elements) {
    const frame = elements.get(shapes.frameOf(key) ?? '') ?? root
    frame.children = [...(frame.children ?? []), element]
  }
  return root
}

function elementOf(key: ItemKey, shapes: LayoutShapes, linked: Ports = { inputs: [], outputs: [] }): ElkNode {
  const [width, height] = shapes.box(key)?.size ?? [0, 0]
  const { kind } = itemOf(key)
  if (kind === 'frame') return { id: key, layoutOptions: frameOptions }
  if (kind === 'note') return { id: key, width, height }
  const known = shapes.signature(key)
  // Ports that the signature lacks come last: broken links stay, and are drawn.
  const inputs = [...new Set([...Object.keys(known?.inputs ?? {}), ...linked.inputs])]
  const outputs = [...new Set([...Object.keys(known?.outputs ?? {}), ...linked.outputs])]
  return {
    id: key,
    width,
    height,
    layoutOptions: { 'elk.portConstraints': 'FIXED_ORDER' },
    // Ports are counted clockwise from the upper left corner: down the right side, up the left one.
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
  Object.entries(graph.nodes).flatMap(([to, { inputs }]) =>
    Object.entries(inputs).flatMap(([input, value]) => {
      if (!isLink(value)) return []
      const [from, output] = value.link
      return [{ from, output, to, input }]
    }),
  )

interface Ports {
  readonly inputs: string[]
  readonly outputs: string[]
}

/** The ports that links name, by node. */
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

/** The places that ELK found, moved so that the upper left corner of it all stays where it was. */
export function placesOf(root: ElkNode, shapes: LayoutShapes): Map<ItemKey, Place> {
  const found = [...elements(root, 0, 0)]
  const before = found.flatMap(({ id }) => shapes.box(id)?.at ?? [])
  const dx = least(before.filter((_, index) => index % 2 === 0)) - least(found.map(({ x }) => x))
  const dy = least(before.filter((_, index) => index % 2 === 1)) - least(found.map(({ y }) => y))
  return new Map(
    found.map(({ id, x, y, width = 0, height = 0 }) => {
      const at = [Math.round(x + dx), Math.round(y + dy)] as const
      const isFrame = itemOf(id).kind === 'frame'
      return [id, isFrame ? { at, size: [Math.round(width), Math.round(height)] } : { at }]
    }),
  )
}

type Placed = ElkNode & { x: number; y: number }

/** Everything inside an element, its place counted from the origin instead of from its frame. */
function* elements({ children = [] }: ElkNode, left: number, top: number): Generator<Placed> {
  for (const child of children) {
    const placed = { ...child, x: left + (child.x ?? 0), y: top + (child.y ?? 0) }
    yield placed
    yield* elements(child, placed.x, placed.y)
  }
}

const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
