import { TriangleAlert } from 'lucide-react'
import { memo } from 'react'
import { FixButtons } from '../../fields/fix-buttons.tsx'
import { useProblems } from '../../store/use-problems.ts'
import { t } from '../../strings/t.ts'
import styles from './node-problem.module.css'

interface NodeProblemProps {
  readonly id: string
  readonly y: number
}

/** The first problem of a node, with a fix. */
export const NodeProblem = memo(function NodeProblem({ id, y }: NodeProblemProps) {
  const problems = useProblems(id)
  const [first] = problems
  if (!first) return null
  const { message, hint, input } = first
  return (
    <div className={styles.problem} style={{ top: y }} role="note">
      <p className={styles.message} title={[message, hint].filter(Boolean).join('\n')}>
        <TriangleAlert className={styles.sign} size={13} aria-hidden />
        {message} {hint}
      </p>
      <div className={styles.fixes}>
        <FixButtons node={id} input={input} problem={first} most={1} />
        {problems.length > 1 && (
          <span title={problems.map((problem) => problem.message).join('\n')}>
            {t('canvas.node.problems', { count: problems.length - 1 })}
          </span>
        )}
      </div>
    </div>
  )
})
