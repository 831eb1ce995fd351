import { CircleAlert, CircleCheck } from 'lucide-react'
import { useStore } from 'zustand'
import { revealNode } from '../run/reveal-node.ts'
import type { Tab } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import styles from './status-bar.module.css'

/** The number of problems in the document. A click goes to the next one. */
export function ProblemCount({ tab }: { tab: Tab }) {
  const problems = useStore(tab.inference, (state) => state.problems)
  const all = [...problems.values()].flat()
  if (all.length === 0) {
    return (
      <span className={styles.item}>
        <CircleCheck size={13} aria-hidden />
        {t('shell.status.noProblems')}
      </span>
    )
  }
  const nodes = [...problems.keys()].filter((id) => id !== '')
  const next = () => {
    const [selected] = tab.view.getState().selection
    const node = nodes[(nodes.findIndex((id) => id === selected || id.endsWith(`--${selected}`)) + 1) % nodes.length]
    if (node !== undefined) revealNode(tab, node)
  }
  return (
    <button
      type="button"
      className={styles.button}
      data-bad
      title={all.map(({ message }) => message).join('\n')}
      onClick={next}
    >
      <CircleAlert size={13} aria-hidden />
      {t('shell.status.problems', { count: all.length })}
    </button>
  )
}
