import { TriangleAlert } from 'lucide-react'
import { revealNode } from '../../run/reveal-node.ts'
import { useInference, useTab } from '../../store/context.ts'
import { t } from '../../strings/t.ts'
import styles from './node-panel.module.css'

/** Maximum number of listed problems. */
const mostProblems = 50

/** All problems of the document. A click shows the node. */
export function ProblemList() {
  const tab = useTab()
  const problems = useInference((state) => state.problems)
  const all = [...problems].flatMap(([node, errors]) => errors.map((error) => ({ node, error })))
  if (all.length === 0) return null
  return (
    <section className={styles.section}>
      <h3>{t('panels.node.problemCount', { count: all.length })}</h3>
      <ul className={styles.list}>
        {all.slice(0, mostProblems).map(({ node, error }) => (
          <li key={`${node} ${error.input ?? ''} ${error.message}`}>
            <button
              type="button"
              className={styles.problem}
              disabled={node === ''}
              onClick={() => revealNode(tab, node)}
            >
              <TriangleAlert size={13} aria-hidden />
              {error.message}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
