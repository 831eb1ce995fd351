import { perform } from '../../actions/perform.ts'
import { actionOf } from '../../actions/registry.ts'
import { chordsOf } from '../../actions/shortcuts.ts'
import { useTab, useView } from '../../store/context.ts'
import { t } from '../../strings/t.ts'
import { printChord } from '../../ui/chord.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import styles from './selection-bar.module.css'

/** Actions for several selected items, in sections. */
export const sections = [
  ['arrange.align-left', 'arrange.align-centre', 'arrange.align-right'],
  ['arrange.align-top', 'arrange.align-middle', 'arrange.align-bottom'],
  ['arrange.distribute-horizontal', 'arrange.distribute-vertical', 'arrange.layout'],
  ['add.frame', 'arrange.subgraph', 'arrange.mute', 'arrange.bypass', 'edit.delete'],
] as const

/** A bar over the canvas while several items are selected. */
export function SelectionBar() {
  const isShown = useView((state) => state.selection.size > 1)
  if (!isShown) return null
  return (
    <div className={styles.bar} data-overlay role="toolbar" aria-label={t('canvas.bar.label')}>
      {sections.map((ids) => (
        <div key={ids[0]} className={styles.section}>
          {ids.map((id) => (
            <ActionButton key={id} id={id} />
          ))}
        </div>
      ))}
    </div>
  )
}

function ActionButton({ id }: { readonly id: string }) {
  const tab = useTab()
  // render again when the selection changes, because it decides which actions are enabled
  useView((state) => state.selection)
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
