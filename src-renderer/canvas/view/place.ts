import { around, type Box, boxesOf } from '../../commands/arrange.ts'
import { type Fragment, paste } from '../../commands/clipboard.ts'
import { addFrame, usualFrame } from '../../commands/frames.ts'
import { freeSpot, freeSpotWithin, obstaclesIn, usualNote } from '../../commands/free-spot.ts'
import { addNode, blankNode, type NewNode } from '../../commands/nodes.ts'
import { addNote } from '../../commands/notes.ts'
import { type Surroundings, suitedInputs } from '../../commands/surroundings.ts'
import type { Command } from '../../store/command.ts'
import { commitTo } from '../../store/context.ts'
import { frameKey, itemOf, nodeAt, type Point, type Size } from '../../store/graph.ts'
import { shownIn } from '../../store/shown.ts'
import { signatureIn } from '../../store/signatures.ts'
import { levelOf } from '../../store/view-store.ts'
import type { Tab } from '../../store/workspace.ts'
import { layoutNode, nodeWidth } from './geometry.ts'
import { sizesOf } from './sizes.ts'
import { typesIn } from './types-in.ts'
import { canvasCentre, overlaysOf, reveal, viewOf } from './viewport.ts'

/** An item that can be added to the canvas. */
export type Addition = Pick<NewNode, 'type' | 'inputs'> | 'frame' | 'note'

export function commandFor(tab: Tab, adds: Addition, at: Point): Command {
  const { workflow, level } = shownIn(tab)
  if (adds === 'note') return addNote(workflow, level, at)
  if (adds === 'frame') return addFrame(workflow, level, [], new Map(), at)
  const inputs = { ...suitedInputs(workflow, level, adds.type, { types: typesIn(tab) }), ...adds.inputs }
  return addNode(workflow, level, { ...adds, inputs, at })
}

/**
 * Adds an item at a free place and scrolls to it.
 * @param at the wanted place; default: the centre of the view
 */
export function addFreely(tab: Tab, adds: Addition, at?: Point): void {
  const size = sizeOf(tab, adds)
  const place = freePlace(tab, size, at, adds === 'frame')
  commitTo(tab, commandFor(tab, adds, place))
  reveal(tab, { x: place[0], y: place[1], ...size })
}

/** What commands need to know of a tab beyond its document. */
export const surroundingsOf = (tab: Tab): Surroundings => ({
  types: typesIn(tab),
  spotFor(adds, wanted) {
    const size = sizeOf(tab, adds)
    const area = viewOf(tab)
    const obstacles = [...obstaclesIn(shownIn(tab).graph, sizesOf(tab)), ...overlaysOf(tab)]
    return (area && freeSpotWithin(obstacles, wanted, size, area)) ?? freeSpot(obstacles, wanted, size)
  },
})

/** Commits a command, and scrolls to the node that it adds, if it adds one and selects it. */
export function commitAndReveal(tab: Tab, command: Command): void {
  commitTo(tab, command)
  const [key] = command.select ?? []
  const node =
    key === undefined ? undefined : nodeAt(tab.document.getState().workflow, levelOf(tab.view.getState()), key)
  if (node) reveal(tab, { x: node.at[0], y: node.at[1], ...sizeOf(tab, node) })
}

/**
 * Pastes a fragment.
 * @param at undefined: at a free place, with scrolling to it
 */
export function pasteInto(
  tab: Tab,
  fragment: Fragment,
  at: Point | undefined,
  { label, ...options }: { readonly label?: string; readonly keepLinks?: boolean } = {},
): void {
  const frames = boxesOf(
    fragment,
    (fragment.frames ?? []).map((_, index) => frameKey(index)),
    new Map(),
  )
  const all = around([...obstaclesIn(fragment, new Map()), ...frames]) ?? { x: 0, y: 0, width: 0, height: 0 }
  const [x, y] = at ?? freePlace(tab, all, undefined, frames.length > 0)
  const { workflow, level } = shownIn(tab)
  const command = paste(workflow, level, fragment, [x, y], options)
  commitTo(tab, label === undefined ? command : { ...command, label })
  if (!at) reveal(tab, { ...all, x, y })
}

/** @param frames whether to avoid frames too, for a new frame, which would take along all that it covers */
function freePlace(tab: Tab, size: Size, at: Point | undefined, frames: boolean): Point {
  const { selection } = tab.view.getState()
  const { graph } = shownIn(tab)
  const sizes = sizesOf(tab)
  const obstacles = obstaclesIn(graph, sizes)
  const beside = obstacles.findLast(({ key }) => selection.has(key) && itemOf(key).kind === 'node')
  const framed: Box[] = frames
    ? boxesOf(
        graph,
        (graph?.frames ?? []).map((_, index) => frameKey(index)),
        sizes,
      )
    : []
  return freeSpot([...obstacles, ...framed], at ?? centred(size), size, beside)
}

/** The corner of a box in the centre of the view. */
function centred({ width, height }: Size): Point {
  const [x, y] = canvasCentre()
  return [x - width / 2, y - height / 2]
}

/** The size that a new item will have. */
function sizeOf(tab: Tab, adds: Addition): Size {
  if (adds === 'note') return usualNote
  if (adds === 'frame') return usualFrame
  const node = blankNode(adds.type, [0, 0], adds.inputs)
  const signature = signatureIn(tab.document.getState().workflow, node)
  // most new nodes show a problem, because an input is missing
  const { height } = layoutNode(node, signature, { more: false, result: undefined, problem: true, outputs: new Set() })
  return { width: nodeWidth, height }
}
