import { bestInput, bestOutput } from '../../commands/fit.ts'
import { connect } from '../../commands/links.ts'
import { commitTo } from '../../store/context.ts'
import { nodeAt } from '../../store/graph.ts'
import { shownIn } from '../../store/shown.ts'
import { signatureIn } from '../../store/signatures.ts'
import type { PortRef } from '../../store/ui.ts'
import type { Tab } from '../../store/workspace.ts'
import { isLinked, typeOfPort } from '../links/connection-fit.ts'
import { removeLink } from '../links/remove-link.ts'
import { openNodeSearch } from '../search/open.ts'

/**
 * Handles a link dropped outside all ports. On a node it takes the best port. Elsewhere a linked input loses its link,
 * and any other port opens the node search.
 */
export function dropConnection(tab: Tab, from: PortRef, event: MouseEvent | TouchEvent): void {
  const { clientX: x, clientY: y } =
    'changedTouches' in event ? (event.changedTouches[0] ?? { clientX: 0, clientY: 0 }) : event
  const below = document.elementFromPoint(x, y)
  const node = below?.closest('.react-flow__node-node')?.getAttribute('data-id')
  const { workflow, level } = shownIn(tab)
  if (node) {
    const to = bestPort(tab, from, node)
    if (to && node !== from.node) commitTo(tab, connect(workflow, level, from, to))
    return
  }
  if (!below?.closest('.react-flow')) return
  if (isLinked(tab, from)) removeLink(tab, { node: from.node, input: from.port })
  else openNodeSearch({ x, y }, { from })
}

/** The best port of a node for a link from another node. */
function bestPort(tab: Tab, from: PortRef, node: string): PortRef | undefined {
  const { workflow, level } = shownIn(tab)
  const found = nodeAt(workflow, level, node)
  const signature = found && signatureIn(workflow, found)
  if (!signature) return undefined
  const type = typeOfPort(tab, from)
  if (from.side === 'output') {
    const port = bestInput(type, signature.inputs, found.inputs)
    return port === undefined ? undefined : { node, port, side: 'input' }
  }
  const port = bestOutput(signature.outputs, type)
  return port === undefined ? undefined : { node, port, side: 'output' }
}
