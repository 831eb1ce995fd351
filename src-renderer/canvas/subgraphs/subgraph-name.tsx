import { renameSubgraph } from '../../commands/subgraphs.ts'
import { CommitField } from '../../fields/commit-field.tsx'
import { commitTo, useDocument, useTab } from '../../store/context.ts'
import { t } from '../../strings/t.ts'
import styles from './breadcrumb.module.css'

/** Edits the name of a subgraph, which all its instances share. */
export function SubgraphName({ subgraph }: { readonly subgraph: string }) {
  const tab = useTab()
  const name = useDocument(({ workflow }) => workflow.subgraphs?.[subgraph]?.name ?? subgraph)
  return (
    <CommitField
      className={styles.name}
      label={t('canvas.breadcrumb.name')}
      value={name}
      onCommit={(wanted) => commitTo(tab, renameSubgraph(tab.document.getState().workflow, subgraph, wanted))}
    />
  )
}
