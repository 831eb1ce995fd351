import { disconnect } from '../../commands/links.ts'
import { commitTo } from '../../store/context.ts'
import type { LinkEnd } from '../../store/graph.ts'
import { shownIn } from '../../store/shown.ts'
import type { Tab } from '../../store/workspace.ts'

/** Removes a link of the shown level, and clears the link selection. */
export function removeLink(tab: Tab, end: LinkEnd): void {
  const { workflow, level } = shownIn(tab)
  commitTo(tab, disconnect(workflow, level, [end]))
  tab.view.setState({ link: undefined })
}
