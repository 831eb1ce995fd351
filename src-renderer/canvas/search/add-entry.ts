import { onGrid } from '../../commands/grid.ts'
import { addNode } from '../../commands/nodes.ts'
import { suitedInputs } from '../../commands/surroundings.ts'
import { commitTo } from '../../store/context.ts'
import type { Point } from '../../store/graph.ts'
import { shownIn } from '../../store/shown.ts'
import type { NodeSearch } from '../../store/ui.ts'
import type { Tab } from '../../store/workspace.ts'
import { headerHeight, nodeWidth } from '../view/geometry.ts'
import { addFreely, commandFor } from '../view/place.ts'
import { typesIn } from '../view/types-in.ts'
import type { SearchEntry } from './entries.ts'
import { rememberEntry } from './recent.ts'

/** Adds the chosen entry where the search was opened. Links it if the search was opened from a port. */
export function addEntry(tab: Tab, { id, adds }: SearchEntry, { at, from, free }: NodeSearch): void {
  if (free) addFreely(tab, adds, at)
  else if (from && typeof adds !== 'string') {
    const { workflow, level } = shownIn(tab)
    const inputs = { ...suitedInputs(workflow, level, adds.type, { types: typesIn(tab) }, from.node), ...adds.inputs }
    commitTo(tab, addNode(workflow, level, { ...adds, inputs, at: cornerOf(at, from.side), from }))
  } else commitTo(tab, commandFor(tab, adds, onGrid(at)))
  rememberEntry(id)
}

/** The corner of the node on the grid, so that its ports are at the end of the dropped link. */
const cornerOf = ([x, y]: Point, side: 'output' | 'input'): Point =>
  onGrid([side === 'input' ? x - nodeWidth : x, y - headerHeight])
