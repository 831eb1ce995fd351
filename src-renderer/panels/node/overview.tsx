import { useStore } from 'zustand'
import { useDocument, useTab } from '../../store/context.ts'
import { graphsOf } from '../../store/graph.ts'
import { workspace } from '../../store/workspace.ts'
import { t } from '../../strings/t.ts'
import styles from './node-panel.module.css'
import { Outline } from './outline.tsx'
import { ProblemList } from './problem-list.tsx'

/** The document as a whole: how large it is, what is wrong with it, and all its nodes as a list. */
export function Overview() {
  const { id } = useTab()
  const file = useStore(workspace, ({ files }) => files.get(id)?.name)
  const name = useDocument(({ workflow }) => workflow.name)
  const count = useDocument(({ workflow }) =>
    [...graphsOf(workflow)].reduce((sum, [, { nodes }]) => sum + Object.keys(nodes).length, 0),
  )
  const links = useDocument(({ workflow }) => Object.keys(workflow.subgraphs ?? {}).length)
  return (
    <div className={styles.panel}>
      <header className={styles.header}>
        <h2 className={styles.name}>{file ?? name ?? t('panels.node.untitled')}</h2>
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
