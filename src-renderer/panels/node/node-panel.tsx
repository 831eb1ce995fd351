import { useDocument, useLevel, useView } from '../../store/context.ts'
import { graphAt } from '../../store/graph.ts'
import { NodeDetails } from './node-details.tsx'
import { Overview } from './overview.tsx'

/** Details of the selected node, or an overview of the document unless exactly one node is selected. */
export function NodePanel() {
  const level = useLevel()
  const only = useView(({ selection }) => (selection.size === 1 ? [...selection][0] : undefined))
  const isNode = useDocument(
    ({ workflow }) => only !== undefined && Object.hasOwn(graphAt(workflow, level)?.nodes ?? {}, only),
  )
  return only !== undefined && isNode ? <NodeDetails key={only} id={only} /> : <Overview />
}
