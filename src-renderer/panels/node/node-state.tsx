import { SegmentedControl } from '@mantine/core'
import { setNodeState } from '../../commands/nodes.ts'
import { commitTo, useLevel, useTab } from '../../store/context.ts'
import { t } from '../../strings/t.ts'

const states = ['on', 'mute', 'bypass'] as const
type State = (typeof states)[number]

interface NodeStateProps {
  readonly id: string
  readonly state: State
}

/** Sets the state of a node: enabled, muted with all that depends on it, or bypassed. */
export function NodeState({ id, state }: NodeStateProps) {
  const tab = useTab()
  const level = useLevel()
  return (
    <SegmentedControl<State>
      size="xs"
      aria-label={t('panels.node.state')}
      value={state}
      data={states.map((value) => ({ value, label: t(`panels.node.states.${value}`) }))}
      onChange={(next) => commitTo(tab, setNodeState(tab.document.getState().workflow, level, [id], next))}
    />
  )
}
