import { TriangleAlert } from 'lucide-react'
import { FixButtons } from '../../canvas/view/fix-buttons.tsx'
import type { NodeProblem } from '../../store/use-problems.ts'
import { t } from '../../strings/t.ts'
import styles from './node-panel.module.css'

/** Maximum number of fixes per problem. */
export const mostFixes = 4

interface NodeProblemsProps {
  readonly id: string
  readonly problems: readonly NodeProblem[]
}

/** The problems of a node, with fixes. */
export function NodeProblems({ id, problems }: NodeProblemsProps) {
  if (problems.length === 0) return null
  return (
    <ul className={styles.problems} aria-label={t('panels.node.problems')}>
      {problems.map((problem) => (
        <li key={`${problem.input ?? ''} ${problem.message}`}>
          <TriangleAlert size={14} aria-hidden />
          <p>
            {problem.message} {problem.hint}
          </p>
          <div className={styles.fixes}>
            <FixButtons node={id} input={problem.input} problem={problem} most={mostFixes} />
          </div>
        </li>
      ))}
    </ul>
  )
}
