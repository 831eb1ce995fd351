import { useDocument, useTab } from '../../store/context.ts'
import { graphsOf } from '../../store/graph.ts'
import { t } from '../../strings/t.ts'
import { useTitle } from '../../workspace/title.ts'
import styles from './node-panel.module.css'
import { Outline } from './outline.tsx'
import { ProblemList } from './problem-list.tsx'

/** Overview of the document: its size, its problems and a list of its nodes. */
export function Overview() {
  const title = useTitle(useTab())
  const count = useDocument(({ workflow }) =>
    [...graphsOf(workflow)].reduce((sum, [, { nodes }]) => sum + Object.keys(nodes).length, 0),
  )
  const links = useDocument(({ workflow }) => Object.keys(workflow.subgraphs ?? {}).length)
  return (
    <div className={styles.panel}>
      <header className={styles.header}>
        <h2 className={styles.name}>{title}</h2>
        <p className={styles.description}>
          {t('panels.node.count', { count })}
          {links > 0 && `, ${t('panels.node.subgraphs', { count: links })}`}
        </p>
      </header>
      <ProblemList />
      <Outline />
    </div>
  )
}
