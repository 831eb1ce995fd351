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

/** Room between a frame and what is in it, and for its title. */
const margin = 24
const titleRoom = 32

/** A frame around nothing. */
export const usualFrame: Size = { width: 480, height: 320 }

/** A frame around items; a frame of a usual size at `at` if there are none. */
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

/** Gives a frame its place and size; what lies in it stays. */
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
 * What moves with a frame: items whose middle lies in it, and frames that lie in it whole. Of two equal frames the later lies in
 * the earlier.
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
