import { own } from '#core/workflow/document.ts'
import { idAndOwners, idWithin } from '#core/workflow/flat-id.ts'
import { subgraphOf } from '#core/workflow/subgraphs.ts'
import { centreOn } from '../canvas/view/viewport.ts'
import { graphAt, type Level } from '../store/graph.ts'
import { ui } from '../store/ui.ts'
import type { TrailStep } from '../store/view-store.ts'
import type { Tab } from '../store/workspace.ts'

/** Selects a node at any depth of subgraphs and shows it in the side panel. */
export function revealNode(tab: Tab, flat: string): void {
  const { workflow } = tab.document.getState()
  const trail: TrailStep[] = []
  let level: Level
  let rest = flat
  // look up the whole rest first, because an id may contain the separator
  for (;;) {
    const nodes = graphAt(workflow, level)?.nodes ?? {}
    if (own(nodes, rest)) break
    const instance = [...idAndOwners(rest)].findLast((id) => subgraphOf(own(nodes, id)?.type ?? '') !== undefined)
    const subgraph = instance === undefined ? undefined : subgraphOf(own(nodes, instance)?.type ?? '')
    if (instance === undefined || subgraph === undefined) return
    trail.push({ instance, subgraph })
    level = subgraph
    rest = idWithin(rest, instance)
  }
  tab.view.setState({ trail, selection: new Set([rest]) })
  ui.setState({ right: 'node' })
  // after the canvas shows the level
  requestAnimationFrame(() => centreOn([rest]))
}
