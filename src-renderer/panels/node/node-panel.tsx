import { useDocument, useLevel, useView } from '../../store/context.ts'
import { graphAt } from '../../store/graph.ts'
import { NodeDetails } from './node-details.tsx'
import { Overview } from './overview.tsx'

/** The selected node in full; while none, or more than one, is selected, the document. */
export function NodePanel() {
  const level = useLevel()
  const only = useView(({ selection }) => (selection.size === 1 ? [...selection][0] : undefined))
  const isNode = useDocument(
    ({ workflow }) => only !== undefined && Object.hasOwn(graphAt(workflow, level)?.nodes ?? {}, only),
  )
  return only !== undefined && isNode ? <NodeDetails key={only} id={only} /> : <Overview />
}
