import type { Surroundings } from '../../commands/surroundings.ts'
import { flatId } from '../../store/view-store.ts'
import type { Tab } from '../../store/workspace.ts'

/** The inferred output types of the nodes on the shown level. */
export function typesIn(tab: Tab): Surroundings['types'] {
  const view = tab.view.getState()
  const { outputs } = tab.inference.getState()
  return (node) => outputs.get(flatId(view, node))
}
