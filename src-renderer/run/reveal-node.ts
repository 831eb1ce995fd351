import { own } from '#core/workflow/document.ts'
import { centreOn } from '../canvas/viewport.ts'
import { graphAt, type Level } from '../store/graph.ts'
import { ui } from '../store/ui.ts'
import type { TrailStep } from '../store/view-store.ts'
import type { Tab } from '../store/workspace.ts'

/** Selects a node, wherever in subgraphs it is, and shows it in the side panel. */
export function revealNode(tab: Tab, flat: string): void {
  const { workflow } = tab.document.getState()
  const trail: TrailStep[] = []
  let level: Level
  let rest = flat
  // Ids may hold the separator themselves, so the whole rest is looked up first.
  for (;;) {
    const nodes = graphAt(workflow, level)?.nodes ?? {}
    if (own(nodes, rest)) break
    const instance = prefixes(rest).find((id) => own(nodes, id)?.type.startsWith('subgraph:'))
    const subgraph = instance === undefined ? undefined : own(nodes, instance)?.type.slice('subgraph:'.length)
    if (instance === undefined || subgraph === undefined) return
    trail.push({ instance, subgraph })
    level = subgraph
    rest = rest.slice(instance.length + 2)
  }
  tab.view.setState({ trail, selection: new Set([rest]) })
  ui.setState({ right: 'node' })
  // Once the canvas shows the level.
  requestAnimationFrame(() => centreOn([rest]))
}

/** What may be the id of an instance at the beginning of a flat id. */
function prefixes(flat: string): string[] {
  const parts = flat.split('--')
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('--'))
}
