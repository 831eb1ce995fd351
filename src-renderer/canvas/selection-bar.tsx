import { NodeToolbar, Position } from '@xyflow/react'
import { useMemo } from 'react'
import { printChord } from '../actions/chord.ts'
import { perform } from '../actions/perform.ts'
import { actionOf } from '../actions/registry.ts'
import { chordsOf } from '../actions/shortcuts.ts'
import { IconButton } from '../shell/icon-button.tsx'
import { useTab, useView } from '../store/context.ts'
import { t } from '../strings/t.ts'
import styles from './selection-bar.module.css'

/** What is offered above several selected items, in sections. */
const sections = [
  ['arrange.align-left', 'arrange.align-centre', 'arrange.align-right'],
  ['arrange.align-top', 'arrange.align-middle', 'arrange.align-bottom'],
  ['arrange.distribute-horizontal', 'arrange.distribute-vertical', 'arrange.layout'],
  ['add.frame', 'arrange.subgraph', 'arrange.mute', 'arrange.bypass', 'edit.delete'],
] as const

/** A slim bar above several selected items; goes inside of React Flow. */
export function SelectionBar() {
  const selection = useView((state) => state.selection)
  const keys = useMemo(() => [...selection], [selection])
  return (
    <NodeToolbar nodeId={keys} isVisible={keys.length > 1} position={Position.Top} offset={16}>
      <div className={`${styles.bar} nodrag nopan`} role="toolbar" aria-label={t('canvas.bar.label')}>
        {sections.map((ids) => (
          <div key={ids[0]} className={styles.section}>
            {ids.map((id) => (
              <ActionButton key={id} id={id} />
            ))}
          </div>
        ))}
      </div>
    </NodeToolbar>
  )
}

function ActionButton({ id }: { readonly id: string }) {
  const tab = useTab()
  const action = actionOf(id)
  if (!action?.icon) return null
  const context = { tab }
  const [chord] = chordsOf(action)
  const label = action.label(context)
  return (
    <IconButton
      icon={action.icon}
      label={chord === undefined ? label : t('canvas.bar.withKeys', { label, keys: printChord(chord) })}
      onClick={() => perform(action, context)}
      disabled={action.enabled?.(context) === false}
      side="top"
    />
  )
}
