import type { Workflow } from '#core/workflow/document.ts'
import type { Command } from '../store/command.ts'
import { type Graph, graphAt, type ItemKey, itemIn, type Level, type Point, type Sizes } from '../store/graph.ts'
import { t } from '../strings/t.ts'
import { placing } from './nodes.ts'

export type Alignment = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom'
export type Direction = 'horizontal' | 'vertical'

/** An item's position and size on the canvas. */
export interface Box {
  readonly key: ItemKey
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The boxes of existing items. An item of unknown size counts as a point. */
export function boxesOf(graph: Graph | undefined, keys: Iterable<ItemKey>, sizes: Sizes): Box[] {
  return [...keys].flatMap((key) => {
    const placed = itemIn(graph, key)
    if (!placed) return []
    const [x, y] = placed.at
    const [width = 0, height = 0] = 'size' in placed && placed.size ? placed.size : []
    return [{ key, x, y, width, height, ...sizes.get(key) }]
  })
}

/** The bounding box; undefined without boxes. */
export function around(boxes: readonly Omit<Box, 'key'>[]): Omit<Box, 'key'> | undefined {
  if (boxes.length === 0) return undefined
  const x = Math.min(...boxes.map((box) => box.x))
  const y = Math.min(...boxes.map((box) => box.y))
  const width = Math.max(...boxes.map((box) => box.x + box.width)) - x
  const height = Math.max(...boxes.map((box) => box.y + box.height)) - y
  return { x, y, width, height }
}

const aligned: Record<Alignment, (box: Box, all: Omit<Box, 'key'>) => Point> = {
  left: ({ y }, all) => [all.x, y],
  centre: ({ y, width }, all) => [all.x + (all.width - width) / 2, y],
  right: ({ y, width }, all) => [all.x + all.width - width, y],
  top: ({ x }, all) => [x, all.y],
  middle: ({ x, height }, all) => [x, all.y + (all.height - height) / 2],
  bottom: ({ x, height }, all) => [x, all.y + all.height - height],
}

/** Aligns items to their bounding box. */
export function align(
  workflow: Workflow,
  level: Level,
  keys: readonly ItemKey[],
  alignment: Alignment,
  sizes: Sizes,
): Command {
  const boxes = boxesOf(graphAt(workflow, level), keys, sizes)
  const all = around(boxes)
  const positions = all ? boxes.map((box) => [box.key, aligned[alignment](box, all)] as const) : []
  return placing(level, t(`commands.align.${alignment}`), new Map(positions))
}

/** Moves items so that the gaps between them are equal. The first and the last stay in place. */
export function distribute(
  workflow: Workflow,
  level: Level,
  keys: readonly ItemKey[],
  direction: Direction,
  sizes: Sizes,
): Command {
  const [start, length] = direction === 'horizontal' ? (['x', 'width'] as const) : (['y', 'height'] as const)
  const boxes = boxesOf(graphAt(workflow, level), keys, sizes).sort((a, b) => a[start] - b[start])
  const [first] = boxes
  const last = boxes.at(-1)
  const positions = new Map<ItemKey, Point>()
  if (first && last && boxes.length > 2) {
    const filled = boxes.reduce((sum, box) => sum + box[length], 0)
    const gap = (last[start] + last[length] - first[start] - filled) / (boxes.length - 1)
    let next = first[start]
    for (const box of boxes.slice(0, -1)) {
      positions.set(box.key, direction === 'horizontal' ? [next, box.y] : [box.x, next])
      next += box[length] + gap
    }
  }
  return placing(level, t(`commands.distribute.${direction}`), positions)
}

/** Moves items to the positions of an automatic layout. */
export const applyLayout = (_workflow: Workflow, level: Level, positions: ReadonlyMap<ItemKey, Point>): Command =>
  placing(level, t('commands.layout'), positions)
