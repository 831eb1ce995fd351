import { type NodeSearch, ui } from '../../store/ui.ts'
import { flowPointOf } from '../view/viewport.ts'

/** Opens the node search at a point of the page. */
export function openNodeSearch(
  screen: { readonly x: number; readonly y: number },
  options: Pick<NodeSearch, 'from' | 'free'> = {},
): void {
  const { x, y } = screen
  ui.setState({ search: { screen: { x, y }, at: flowPointOf(screen), ...options } })
}
