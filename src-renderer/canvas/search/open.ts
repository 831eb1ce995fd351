import { type PortRef, ui } from '../../store/ui.ts'
import { flowPointOf } from '../viewport.ts'

/**
 * Opens the search for a node to add at a point of the page.
 * @param from the end that a link was dragged from: only what fits it is offered
 */
export function openNodeSearch(screen: { readonly x: number; readonly y: number }, from?: PortRef): void {
  const { x, y } = screen
  ui.setState({ search: { screen: { x, y }, at: flowPointOf(screen), ...(from && { from }) } })
}
