import type { Workflow } from '#core/workflow/document.ts'
import type { Command } from '../store/command.ts'
import {
  frameKey,
  type Graph,
  graphAt,
  type ItemKey,
  type Level,
  noteKey,
  type Point,
  type Size,
  type Sizes,
} from '../store/graph.ts'
import { t } from '../strings/t.ts'
import { around, type Box, boxesOf } from './arrange.ts'
import { inGraph } from './edit.ts'

/** Padding of a frame, and room for its title. */
const margin = 24
const titleRoom = 32

/** Size of an empty frame. */
export const usualFrame: Size = { width: 480, height: 320 }

/** Adds a frame around items, or an empty frame at `at` without items. */
export function addFrame(
  workflow: Workflow,
  level: Level,
  keys: readonly ItemKey[],
  sizes: Sizes,
  at: Point = [0, 0],
): Command {
  const graph = graphAt(workflow, level)
  const all = around(boxesOf(graph, keys, sizes))
  const frame = all
    ? {
        title: '',
        at: [all.x - margin, all.y - margin - titleRoom] satisfies [number, number],
        size: [all.width + 2 * margin, all.height + 2 * margin + titleRoom] satisfies [number, number],
      }
    : {
        title: '',
        at: [at[0], at[1]] satisfies [number, number],
        size: [usualFrame.width, usualFrame.height] satisfies [number, number],
      }
  return {
    label: t('commands.addFrame'),
    select: [frameKey(graph?.frames?.length ?? 0)],
    apply: inGraph(level, (draft) => {
      draft.frames = [...(draft.frames ?? []), frame]
    }),
  }
}

export function setFrameTitle(_workflow: Workflow, level: Level, index: number, title: string): Command {
  return {
    label: t('commands.renameFrame'),
    apply: inGraph(level, ({ frames }) => {
      const frame = frames?.[index]
      if (frame) frame.title = title.trim()
    }),
  }
}

/** Sets position and size of a frame. Its items do not move. */
export function setFrameBox(
  _workflow: Workflow,
  level: Level,
  index: number,
  { x, y, width, height }: Omit<Box, 'key'>,
  group?: string,
): Command {
  return {
    label: t('commands.resizeFrame'),
    ...(group !== undefined && { group }),
    apply: inGraph(level, ({ frames }) => {
      const frame = frames?.[index]
      if (!frame) return
      frame.at = [x, y]
      frame.size = [width, height]
    }),
  }
}

/**
 * The items that move with a frame: those whose centre is inside, and frames that are entirely inside. Of two equal
 * frames, the later is inside the earlier.
 */
export function itemsInFrame(graph: Graph, index: number, sizes: Sizes): ItemKey[] {
  const [frame] = boxesOf(graph, [frameKey(index)], new Map())
  if (!frame) return []
  const items = [...Object.keys(graph.nodes), ...(graph.notes ?? []).map((_, note) => noteKey(note))]
  const inside = boxesOf(graph, items, sizes).filter((box) =>
    holds(frame, { x: box.x + box.width / 2, y: box.y + box.height / 2, width: 0, height: 0 }),
  )
  const others = (graph.frames ?? []).map((_, other) => frameKey(other)).filter((_, other) => other !== index)
  const frames = boxesOf(graph, others, new Map()).filter(
    (box) => holds(frame, box) && !(holds(box, frame) && box.key < frame.key),
  )
  return [...inside, ...frames].map(({ key }) => key)
}

const holds = (outer: Omit<Box, 'key'>, inner: Omit<Box, 'key'>): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height
