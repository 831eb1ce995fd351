import type { Workflow } from '#core/workflow/document.ts'
import { instanceType } from '#core/workflow/subgraphs.ts'
import type { Command } from './command.ts'
import type { Change } from './document-store.ts'
import { graphAt, type ItemKey, itemIn, type Level, nodeAt } from './graph.ts'
import { levelOf, type TrailStep } from './view-store.ts'
import type { Tab } from './workspace.ts'

type Edited = Pick<Tab, 'document' | 'view'>

/** Commits a command to the tab's document, with the selection. */
export function commitTo({ document, view }: Edited, command: Command): void {
  document.commit(command, view.getState().selection)
  if (command.select) view.setState({ selection: new Set(command.select) })
}

/** Undoes the last step and restores the selection. */
export function undoIn(tab: Edited): Change | undefined {
  const change = tab.document.undo()
  if (change) show(tab, change.selectBefore)
  return change
}

/** Redoes the last undone step. */
export function redoIn(tab: Edited): Change | undefined {
  const change = tab.document.redo()
  if (change) show(tab, change.select)
  return change
}

/** Selects the existing items of the keys, in the innermost subgraph of the trail that still exists. */
function show({ document, view }: Edited, keys: readonly ItemKey[] | undefined): void {
  const { workflow } = document.getState()
  const { trail, selection } = view.getState()
  const shown = trailIn(workflow, trail)
  const level = levelOf({ ...view.getState(), trail: shown })
  const graph = graphAt(workflow, level)
  const selected = new Set([...(keys ?? selection)].filter((key) => itemIn(graph, key) !== undefined))
  view.setState({ selection: selected, ...(shown.length < trail.length && { trail: shown }) })
}

/** The part of a trail whose instances exist. */
function trailIn(workflow: Workflow, trail: readonly TrailStep[]): readonly TrailStep[] {
  let level: Level
  for (const [index, { instance, subgraph }] of trail.entries()) {
    const node = nodeAt(workflow, level, instance)
    if (node?.type !== instanceType(subgraph) || !graphAt(workflow, subgraph)) return trail.slice(0, index)
    level = subgraph
  }
  return trail
}
