import { Position } from '@xyflow/react'
import { isLink, type Workflow, type WorkflowNode } from '#core/workflow/document.ts'
import { dependencyOrder } from '#core/workflow/order.ts'
import type { Signature } from '#core/workflow/subgraphs.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { frameKey, type Graph, type ItemKey, noteKey, type Point, type Size } from '../../store/graph.ts'
import { signatureIn } from '../../store/signatures.ts'
import { t } from '../../strings/t.ts'
import type { FlowItem, NodeItem, NodeShape } from '../view/flow-types.ts'
import { layoutNode, nodeWidth, type PortSpot, portPlace, type Shown } from '../view/geometry.ts'
import { describedByKeys } from './canvas-keys.tsx'

/** The state from which a canvas's items are made. */
export interface ItemSource {
  readonly workflow: Workflow
  readonly graph: Graph
  readonly selection: ReadonlySet<ItemKey>
  /** Positions of items that are being moved. */
  readonly moving: ReadonlyMap<ItemKey, Point> | undefined
  /** Sizes of items that React Flow has measured. */
  readonly measured: ReadonlyMap<ItemKey, Size>
  /** The parts of a node that do not depend on the document. */
  shown(id: string): Omit<Shown, 'outputs'>
}

interface Made {
  readonly node: WorkflowNode
  readonly signature: Signature | undefined
  readonly shown: Shown
  readonly item: NodeItem
}

/** Frames lie below the links, selected nodes above all others. */
const layer = { frame: -1, note: 0, node: 1, selected: 2 } as const

/**
 * Creates a function that makes the items of a canvas. Unchanged items, and an unchanged list, keep their identity.
 */
export function createItems(): (source: ItemSource) => FlowItem[] {
  let made = new Map<ItemKey, Made>()
  let listed = new Map<ItemKey, FlowItem>()
  let items: FlowItem[] = []
  let linked = { nodes: {} as Graph['nodes'], outputs: new Map<string, ReadonlySet<string>>(), order: [] as string[] }
  return (source) => {
    const { graph } = source
    if (linked.nodes !== graph.nodes) {
      linked = { nodes: graph.nodes, outputs: linkedOutputs(graph), order: linkOrder(graph) }
    }
    const nextMade: typeof made = new Map()
    const nextListed: typeof listed = new Map()
    const next: FlowItem[] = []
    for (const [index, frame] of (graph.frames ?? []).entries()) {
      const key = frameKey(index)
      const item = listedItem('frame', index, frame.at, source, listed.get(key), frame.size)
      nextListed.set(key, item)
      next.push(item)
    }
    for (const id of linked.order) {
      const node = graph.nodes[id]
      if (!node) continue
      const entry = nodeEntry(id, node, linked.outputs.get(id) ?? none, source, made.get(id))
      nextMade.set(id, entry)
      next.push(entry.item)
    }
    for (const [index, note] of (graph.notes ?? []).entries()) {
      const key = noteKey(index)
      const item = listedItem('note', index, note.at, source, listed.get(key))
      nextListed.set(key, item)
      next.push(item)
    }
    made = nextMade
    listed = nextListed
    if (next.length !== items.length || next.some((item, index) => item !== items[index])) items = next
    return items
  }
}

const none: ReadonlySet<string> = new Set()

/**
 * The nodes in the order in which Tab goes through them: sources before the nodes that they feed. It depends on links
 * alone, because the browser takes the focus from an element that changes its place among the others.
 */
function linkOrder({ nodes }: Graph): string[] {
  const sources = (id: string): string[] =>
    Object.values(nodes[id]?.inputs ?? {}).flatMap((value) =>
      isLink(value) && Object.hasOwn(nodes, value.link[0]) ? [value.link[0]] : [],
    )
  return [...dependencyOrder(Object.keys(nodes), sources).order]
}

/** Maximum number of items marked as dragged. React Flow keeps dragged items in the page even if they are invisible. */
const maxKept = 50

/** Linked outputs by node. */
function linkedOutputs({ nodes }: Graph): Map<string, ReadonlySet<string>> {
  const outputs = new Map<string, Set<string>>()
  for (const id in nodes) {
    const inputs = nodes[id]?.inputs
    for (const name in inputs) {
      const value = inputs[name]
      if (typeof value !== 'object' || value === null || !('link' in value)) continue
      const [source, output] = value.link
      const known = outputs.get(source)
      if (known) known.add(output)
      else outputs.set(source, new Set([output]))
    }
  }
  return outputs
}

const sameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a === b || (a.size === b.size && [...a].every((name) => b.has(name)))

function nodeEntry(
  id: string,
  node: WorkflowNode,
  outputs: ReadonlySet<string>,
  source: ItemSource,
  before: Made | undefined,
): Made {
  const { workflow, selection, moving } = source
  const signature = signatureIn(workflow, node)
  const { more, result, problem } = source.shown(id)
  const at = moving?.get(id) ?? node.at
  const dragging = (moving?.has(id) ?? false) && (moving?.size ?? 0) <= maxKept
  const selected = selection.has(id)
  const sameShown =
    before?.shown.more === more &&
    before.shown.result === result &&
    before.shown.problem === problem &&
    sameSet(before.shown.outputs, outputs)
  const sameShape = sameShown && before?.node === node && before.signature === signature
  const { item } = before ?? {}
  const samePlace =
    item?.position.x === at[0] && item.position.y === at[1] && item.selected === selected && item.dragging === dragging
  if (before && sameShape && samePlace) return before
  const shown: Shown = before && sameShown ? before.shown : { more, result, problem, outputs }
  const shape = before && sameShape ? before.item.data : kept(shapeOf(node, signature, shown), before?.item.data)
  if (before && samePlace && shape === before.item.data) return { node, signature, shown, item: before.item }
  const place = shape === item?.data ? { measured: item.measured, handles: item.handles } : placeOf(shape)
  return {
    node,
    signature,
    shown,
    item: {
      id,
      type: 'node',
      data: shape,
      position: { x: at[0], y: at[1] },
      style: placedBy(at),
      selected,
      dragging,
      zIndex: selected ? layer.selected : layer.node,
      ariaLabel: shape.title,
      domAttributes: describedByKeys,
      ...place,
    },
  }
}

function shapeOf(node: WorkflowNode, signature: Signature | undefined, shown: Shown): NodeShape {
  const type = catalogue.get(node.type)
  return {
    title: node.title ?? signature?.title ?? node.type,
    type: node.type,
    category: type?.category ?? (signature ? 'subgraph' : 'unknown'),
    description: type?.description ?? (signature ? '' : t('canvas.node.unknown', { type: node.type })),
    known: signature !== undefined,
    state: node.state ?? 'on',
    collapsed: node.collapsed ?? false,
    layout: layoutNode(node, signature, shown),
  }
}

/** The previous object, if the new one is equal. */
const kept = (shape: NodeShape, before: NodeShape | undefined): NodeShape =>
  before && JSON.stringify(shape) === JSON.stringify(before) ? before : shape

/**
 * Positions an item without a transform, because the browser composites each transformed element separately in every
 * frame.
 */
const placedBy = ([left, top]: Point) => ({ transform: 'none', left, top })

/** The size and port positions, so that React Flow need not measure them. */
function placeOf({ layout }: NodeShape): Pick<NodeItem, 'measured' | 'handles'> {
  const handle = (spot: PortSpot, side: 'input' | 'output') => ({
    id: spot.name,
    type: side === 'input' ? ('target' as const) : ('source' as const),
    position: side === 'input' ? Position.Left : Position.Right,
    ...portPlace(spot, side),
  })
  return {
    measured: { width: nodeWidth, height: layout.height },
    handles: layout.rows.flatMap(({ input, output }) => [
      ...(input ? [handle(input, 'input')] : []),
      ...(output ? [handle(output, 'output')] : []),
    ]),
  }
}

/** The item of a frame or a note. A frame's size comes from the document; a note is measured. */
function listedItem(
  type: 'frame' | 'note',
  index: number,
  at: Point,
  { selection, moving, measured }: ItemSource,
  before: FlowItem | undefined,
  size?: Point,
): FlowItem {
  const key = type === 'frame' ? frameKey(index) : noteKey(index)
  const [x, y] = moving?.get(key) ?? at
  const selected = selection.has(key)
  const found = measured.get(key)
  const width = size?.[0] ?? found?.width
  const height = size?.[1] ?? found?.height
  const same =
    before?.position.x === x &&
    before.position.y === y &&
    before.selected === selected &&
    before.measured?.width === width &&
    before.measured?.height === height
  if (before && same) return before
  return {
    id: key,
    type,
    data: { index },
    position: { x, y },
    // the canvas handles clicks inside a frame; only the title of the frame reacts
    style: { ...placedBy([x, y]), ...(type === 'frame' && { pointerEvents: 'none' }) },
    selected,
    zIndex: layer[type],
    measured: { ...(width !== undefined && { width }), ...(height !== undefined && { height }) },
    handles: [],
    domAttributes: describedByKeys,
    ...(size && { width: size[0], height: size[1] }),
  }
}
