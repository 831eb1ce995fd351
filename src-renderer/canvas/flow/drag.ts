import { duplicate } from '../../commands/clipboard.ts'
import { itemsInFrame } from '../../commands/frames.ts'
import { fitsInLink, insertOnLink } from '../../commands/links.ts'
import { moveItems } from '../../commands/nodes.ts'
import type { Command } from '../../store/command.ts'
import { commitTo } from '../../store/context.ts'
import { type ItemKey, itemIn, itemOf, type LinkEnd, linksIn, nodeAt, type Point } from '../../store/graph.ts'
import { shownIn } from '../../store/shown.ts'
import type { Tab } from '../../store/workspace.ts'
import { linksBelow } from '../links/link-geometry.ts'
import { itemSizes } from '../view/viewport.ts'

export type Positions = ReadonlyMap<ItemKey, Point>

/** The current drag. */
export interface Drag {
  /** Drops copies instead of moving the items. */
  readonly copies: boolean
  /** Items that move with a frame, each with the key of the frame. */
  readonly along: ReadonlyMap<ItemKey, ItemKey>
}

/** @param keys the dragged items */
export function beginDrag(tab: Tab, keys: readonly ItemKey[], copies: boolean): Drag {
  const { graph } = shownIn(tab)
  const dragged = new Set(keys)
  const along = new Map<ItemKey, ItemKey>()
  for (const frame of keys) {
    const item = itemOf(frame)
    if (item.kind !== 'frame' || !graph) continue
    for (const key of itemsInFrame(graph, item.index, itemSizes())) if (!dragged.has(key)) along.set(key, frame)
  }
  return { copies, along }
}

/** The positions of all moving items, given those of the dragged items. */
export function dragTo(tab: Tab, { along }: Drag, dragged: Positions): Positions {
  const positions = new Map(dragged)
  for (const [key, frame] of along) {
    const [at, from, to] = [placeOf(tab, key), placeOf(tab, frame), dragged.get(frame)]
    if (at && from && to) positions.set(key, [at[0] + to[0] - from[0], at[1] + to[1] - from[1]])
  }
  return positions
}

const placeOf = (tab: Tab, key: ItemKey): Point | undefined => itemIn(shownIn(tab).graph, key)?.at

/** Ends a drag as one undo step. */
export function drop(tab: Tab, { copies }: Drag, positions: Positions): void {
  const { workflow, level } = shownIn(tab)
  const [first] = positions
  if (!first) return
  const from = placeOf(tab, first[0])
  if (copies && from) {
    const by: Point = [first[1][0] - from[0], first[1][1] - from[1]]
    commitTo(tab, duplicate(workflow, level, [...positions.keys()], { by }))
    return
  }
  const link = positions.size === 1 ? linkFor(tab, ...first) : undefined
  const moved = moveItems(workflow, level, positions)
  commitTo(tab, link ? both(moved, insertOnLink(workflow, level, first[0], link)) : moved)
  tab.document.endGroup()
}

/** Joins two commands, with the label of the second. */
const both = (first: Command, second: Command): Command => ({
  ...second,
  apply: (workflow) => {
    first.apply(workflow)
    second.apply(workflow)
  },
})

/** The link to insert a dropped node into. Only for a node without links. */
export function linkFor(tab: Tab, key: ItemKey, at: Point): LinkEnd | undefined {
  const { workflow, level, graph } = shownIn(tab)
  const node = nodeAt(workflow, level, key)
  if (!graph || !node) return undefined
  for (const [end, { link }] of linksIn(graph)) if (end.node === key || link[0] === key) return undefined
  return linksBelow(tab, level, key, at).find((end) => fitsInLink(workflow, level, node, end))
}
