import { addFrame } from '../../commands/frames.ts'
import { addNode } from '../../commands/nodes.ts'
import { addNote } from '../../commands/notes.ts'
import type { Command } from '../../store/command.ts'
import { commitTo } from '../../store/context.ts'
import type { Point } from '../../store/graph.ts'
import type { NodeSearch } from '../../store/ui.ts'
import { levelOf } from '../../store/view-store.ts'
import type { Tab } from '../../store/workspace.ts'
import { gridSize, headerHeight, nodeWidth } from '../geometry.ts'
import type { SearchEntry } from './entries.ts'
import { rememberEntry } from './recent.ts'

/** Puts what was chosen where the search was opened, linked if it was opened from a port. */
export function addEntry(tab: Tab, entry: SearchEntry, search: NodeSearch): void {
  commitTo(tab, commandOf(tab, entry, search))
  rememberEntry(entry.id)
}

function commandOf(tab: Tab, { adds }: SearchEntry, { at, from }: NodeSearch): Command {
  const { workflow } = tab.document.getState()
  const level = levelOf(tab.view.getState())
  if (adds === 'note') return addNote(workflow, level, at)
  if (adds === 'frame') return addFrame(workflow, level, [], new Map(), at)
  return addNode(workflow, level, { ...adds, at: cornerOf(at, from?.side), ...(from && { from }) })
}

/** The corner of the node, on the grid, so that its ports lie where the link was let go. */
function cornerOf([x, y]: Point, side: 'output' | 'input' | undefined): Point {
  const left = side === 'input' ? x - nodeWidth : x
  const top = side === undefined ? y : y - headerHeight
  return [Math.round(left / gridSize) * gridSize, Math.round(top / gridSize) * gridSize]
}
