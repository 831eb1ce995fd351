import { useMemo } from 'react'
import { type Fix, fixesFor } from '../../commands/fixes.ts'
import { useTab } from '../../store/context.ts'
import { shownIn } from '../../store/shown.ts'
import type { NodeProblem } from '../../store/use-problems.ts'
import type { Tab } from '../../store/workspace.ts'
import styles from './fix-buttons.module.css'
import { commitAndReveal, surroundingsOf } from './place.ts'

interface FixButtonsProps {
  /** The node (on the shown level) and input of the problem. */
  readonly node: string
  readonly input: string | undefined
  /** The fixes are computed again when this object changes. */
  readonly problem: NodeProblem | undefined
  /** Maximum number of buttons. */
  readonly most: number
}

/** A button for each fix of a problem. */
export function FixButtons({ node, input, problem, most }: FixButtonsProps) {
  const tab = useTab()
  const fixes = useMemo(() => (problem ? fixesOf(tab, node, input, problem) : []), [tab, node, input, problem])
  // find the fix again, because the document may have changed
  const take = (label: string) => {
    const fix = problem && fixesOf(tab, node, input, problem).find((other) => other.label === label)
    if (fix) commitAndReveal(tab, fix.command)
  }
  return fixes.slice(0, most).map(({ label }) => (
    <button key={label} type="button" className={`${styles.fix} nodrag nopan`} onClick={() => take(label)}>
      {label}
    </button>
  ))
}

function fixesOf(tab: Tab, node: string, input: string | undefined, { answers, sourceAnswers }: NodeProblem): Fix[] {
  const { workflow, level } = shownIn(tab)
  return fixesFor(workflow, level, { node, input, answers, sourceAnswers }, surroundingsOf(tab))
}
