import { Check, ChevronDown, ChevronRight, CircleAlert, History, Lightbulb } from 'lucide-react'
import { memo } from 'react'
import { subgraphOf } from '#core/workflow/subgraphs.ts'
import { setCollapsed } from '../../commands/nodes.ts'
import { commitTo, useLevel, useRun, useTab } from '../../store/context.ts'
import type { NodeRun } from '../../store/run-store.ts'
import { useFlatId } from '../../store/use-flat-id.ts'
import { useAdvice } from '../../store/use-problems.ts'
import { t } from '../../strings/t.ts'
import type { NodeShape } from '../view/flow-types.ts'
import { EnterButton } from './enter-button.tsx'
import styles from './node-header.module.css'
import { NodeTitle } from './node-title.tsx'

interface NodeHeaderProps {
  readonly id: string
  readonly shape: NodeShape
}

/** Title, state and progress of a node. */
export const NodeHeader = memo(function NodeHeader({ id, shape }: NodeHeaderProps) {
  const tab = useTab()
  const level = useLevel()
  const { title, type, collapsed, state, description } = shape
  const enters = subgraphOf(type) !== undefined
  const Chevron = collapsed ? ChevronRight : ChevronDown
  const toggle = () => commitTo(tab, setCollapsed(tab.document.getState().workflow, level, [id], !collapsed))
  return (
    <header className={styles.header} title={description}>
      <button
        type="button"
        className={`${styles.chevron} nodrag`}
        aria-expanded={!collapsed}
        aria-label={t(collapsed ? 'canvas.node.open' : 'canvas.node.collapse', { node: title })}
        onClick={toggle}
      >
        <Chevron size={14} aria-hidden />
      </button>
      <NodeTitle id={id} title={title} enters={enters} />
      {enters && <EnterButton id={id} title={title} />}
      {state !== 'on' && <span className={styles.state}>{t(`canvas.node.state.${state}`)}</span>}
      <AdviceMark id={id} />
      <RunMark id={id} />
    </header>
  )
})

/** Shows that there is advice. The panel has the full text. */
const AdviceMark = memo(function AdviceMark({ id }: { readonly id: string }) {
  const advice = useAdvice(id)
  if (advice.length === 0) return null
  const said = advice.map(({ message }) => message).join('\n')
  return (
    <span className={styles.mark} data-advice role="img" aria-label={said} title={said}>
      <Lightbulb size={14} aria-hidden />
    </span>
  )
})

const marks: Partial<Record<NodeRun['state'], typeof Check>> = { done: Check, reused: History, failed: CircleAlert }

/** Run state of the node: a bar while it runs, then an icon. */
const RunMark = memo(function RunMark({ id }: { readonly id: string }) {
  const flat = useFlatId(id)
  const state = useRun(({ nodes }) => nodes.get(flat)?.state)
  const step = useRun(({ nodes }) => nodes.get(flat)?.step)
  const steps = useRun(({ nodes }) => nodes.get(flat)?.steps)
  if (state === undefined || state === 'idle' || state === 'waiting') return null
  const said = t(`canvas.node.run.${state}`)
  const Mark = marks[state]
  if (Mark) {
    return (
      <span className={styles.mark} data-run={state} role="img" aria-label={said} title={said}>
        <Mark size={14} aria-hidden />
      </span>
    )
  }
  if (step === undefined || steps === undefined) return <span className={styles.busy} role="img" aria-label={said} />
  return (
    <>
      <span className={styles.step} title={t('canvas.node.step', { step, steps })}>
        {step}/{steps}
      </span>
      <progress className={styles.bar} value={step} max={steps} aria-label={t('canvas.node.step', { step, steps })} />
    </>
  )
})
