import { subgraphOf } from '#core/workflow/subgraphs.ts'
import { nodeAt } from './graph.ts'
import { subgraphsIn } from './signatures.ts'
import { levelOf } from './view-store.ts'
import type { Tab } from './workspace.ts'

/** Opens the subgraph of an instance on the shown level. Does nothing for other nodes. */
export function enterSubgraph({ document, view }: Tab, instance: string): void {
  const { workflow } = document.getState()
  const node = nodeAt(workflow, levelOf(view.getState()), instance)
  const subgraph = node && subgraphOf(node.type)
  // a subgraph that contains itself cannot be opened
  if (!node || subgraph === undefined || !subgraphsIn(workflow).definitionOf(node)) return
  document.endGroup()
  view.setState(({ trail }) => ({
    trail: [...trail, { instance, subgraph }],
    selection: new Set(),
    link: undefined,
  }))
}

/**
 * Leaves the shown subgraph and selects its instance.
 * @param depth number of levels to stay in; default: one less
 */
export function leaveSubgraph({ document, view }: Tab, depth?: number): void {
  const { trail } = view.getState()
  const kept = depth ?? trail.length - 1
  const left = trail[kept]
  if (!left) return
  document.endGroup()
  view.setState({ trail: trail.slice(0, kept), selection: new Set([left.instance]), link: undefined })
}
