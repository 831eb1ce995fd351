import { Lightbulb, TriangleAlert } from 'lucide-react'
import { memo } from 'react'
import { questionsIn, useAdvice, useProblems } from '../../store/use-problems.ts'
import { t } from '../../strings/t.ts'
import { FixButtons } from '../view/fix-buttons.tsx'
import styles from './node-problem.module.css'

interface NodeProblemProps {
  readonly id: string
  readonly y: number
}

/** The first problem of a node with a fix, or else its first question with the answers. */
export const NodeProblem = memo(function NodeProblem({ id, y }: NodeProblemProps) {
  const problems = useProblems(id)
  const questions = questionsIn(useAdvice(id))
  const asks = problems.length === 0
  const notes = asks ? questions : problems
  const [first] = notes
  if (!first) return null
  const { message, hint, input, answers } = first
  const Sign = asks ? Lightbulb : TriangleAlert
  return (
    <div className={styles.problem} style={{ top: y }} role="note" data-asks={asks || undefined}>
      <p className={styles.message} title={[message, hint].filter(Boolean).join('\n')}>
        <Sign className={styles.sign} size={13} aria-hidden />
        {message} {hint}
      </p>
      <div className={styles.fixes}>
        <FixButtons node={id} input={input} problem={first} most={answers?.length ?? 1} />
        {notes.length > 1 && (
          <span title={notes.map((note) => note.message).join('\n')}>
            {t(asks ? 'canvas.node.questions' : 'canvas.node.problems', { count: notes.length - 1 })}
          </span>
        )}
      </div>
    </div>
  )
})
