import { useDocument } from '../../store/context.ts'
import { t } from '../../strings/t.ts'
import styles from './breadcrumb.module.css'
import { SubgraphName } from './subgraph-name.tsx'
import { SubgraphPortList } from './subgraph-port-list.tsx'

/** Edits the inputs and outputs of the shown subgraph: rename, add, remove. */
export function SubgraphPorts({ subgraph }: { readonly subgraph: string }) {
  const isThere = useDocument(({ workflow }) => workflow.subgraphs?.[subgraph] !== undefined)
  if (!isThere) return null
  return (
    <details className={styles.ports}>
      <summary>{t('canvas.breadcrumb.ports')}</summary>
      <div className={styles.panel}>
        <SubgraphName subgraph={subgraph} />
        <SubgraphPortList subgraph={subgraph} side="inputs" />
        <SubgraphPortList subgraph={subgraph} side="outputs" />
      </div>
    </details>
  )
}
