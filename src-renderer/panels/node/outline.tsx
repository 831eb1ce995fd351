import { memo } from 'react'
import { useShallow } from 'zustand/shallow'
import { titleOf } from '../../commands/names.ts'
import { revealNode } from '../../run/reveal-node.ts'
import { useDocument, useInference, useLevel, useTab, useView } from '../../store/context.ts'
import { graphAt, nodeAt } from '../../store/graph.ts'
import { signatureIn } from '../../store/signatures.ts'
import { useFlatId } from '../../store/use-flat-id.ts'
import { t } from '../../strings/t.ts'
import styles from './node-panel.module.css'

/** The nodes of the shown level as a list from left to right, as an accessible alternative to the canvas. */
export function Outline() {
  const level = useLevel()
  const ids = useDocument(
    useShallow(({ workflow }) =>
      Object.entries(graphAt(workflow, level)?.nodes ?? {})
        .sort(([, a], [, b]) => a.at[0] - b.at[0] || a.at[1] - b.at[1])
        .map(([id]) => id),
    ),
  )
  if (ids.length === 0) return <p className={styles.empty}>{t('panels.node.empty')}</p>
  return (
    <nav className={styles.section} aria-label={t('panels.node.outline')}>
      <h3>{t('panels.node.outline')}</h3>
      <ul className={styles.list}>
        {ids.map((id) => (
          <OutlineRow key={id} id={id} />
        ))}
      </ul>
    </nav>
  )
}

const OutlineRow = memo(function OutlineRow({ id }: { readonly id: string }) {
  const tab = useTab()
  const level = useLevel()
  const flat = useFlatId(id)
  const selected = useView(({ selection }) => selection.has(id))
  const problems = useInference((state) => state.problems.get(flat)?.length ?? 0)
  const [title, type] = useDocument(
    useShallow(({ workflow }) => {
      const node = nodeAt(workflow, level, id)
      if (!node) return [id, '']
      const shown = titleOf(workflow, node)
      const kind = signatureIn(workflow, node)?.title ?? node.type
      return [shown, kind === shown ? '' : kind]
    }),
  )
  return (
    <li className={styles.row}>
      <button type="button" aria-current={selected || undefined} onClick={() => revealNode(tab, flat)}>
        <span className={styles.words}>
          {title} <em>{type}</em>
        </span>
        {problems > 0 && <span className={styles.badge}>{t('panels.node.badge', { count: problems })}</span>}
      </button>
    </li>
  )
})
