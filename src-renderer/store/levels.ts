import { subgraphOf } from '#core/workflow/subgraphs.ts'
import { nodeAt } from './graph.ts'
import { subgraphsIn } from './signatures.ts'
import { levelOf } from './view-store.ts'
import type { Tab } from './workspace.ts'

/** Shows what is inside an instance of the shown level; of any other node nothing is to be seen. */
export function enterSubgraph({ document, view }: Tab, instance: string): void {
  const { workflow } = document.getState()
  const node = nodeAt(workflow, levelOf(view.getState()), instance)
  const subgraph = node && subgraphOf(node.type)
  // A subgraph that holds itself is no definition that can be opened.
  if (!node || subgraph === undefined || !subgraphsIn(workflow).definitionOf(node)) return
  document.endGroup()
  view.setState(({ trail }) => ({
    trail: [...trail, { instance, subgraph }],
    selection: new Set(),
    link: undefined,
  }))
}

/**
 * Goes back to where the shown subgraph was entered, and selects the instance that was left.
 * @param depth how many levels stay entered; left out: all but the last
 */
export function leaveSubgraph({ document, view }: Tab, depth?: number): void {
  const { trail } = view.getState()
  const kept = depth ?? trail.length - 1
  const left = trail[kept]
  if (!left) return
  document.endGroup()
  view.setState({ trail: trail.slice(0, kept), selection: new Set([left.instance]), link: undefined })
}
