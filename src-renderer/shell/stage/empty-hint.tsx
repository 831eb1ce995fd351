import { perform } from '../../actions/perform.ts'
import { actionOf } from '../../actions/registry.ts'
import { useDocument, useLevel, useTab } from '../../store/context.ts'
import { graphAt } from '../../store/graph.ts'
import { t } from '../../strings/t.ts'
import styles from './empty-hint.module.css'

const offered = ['add.node', 'file.templates'] as const

/** Explains how to begin while the canvas is empty. */
export function EmptyHint() {
  const tab = useTab()
  const level = useLevel()
  const empty = useDocument(({ workflow }) => {
    const { nodes = {}, frames = [], notes = [] } = graphAt(workflow, level) ?? {}
    return frames.length + notes.length === 0 && Object.keys(nodes).length === 0
  })
  if (!empty) return null
  return (
    <div className={styles.hint}>
      <p>{t('canvas.view.empty')}</p>
      <div className={styles.buttons}>
        {offered.map((id) => {
          const action = actionOf(id)
          if (!action) return null
          const { label, icon: Icon } = action
          return (
            <button key={id} type="button" onClick={() => perform(action, { tab })}>
              {Icon && <Icon size={14} aria-hidden />}
              {label({ tab })}
            </button>
          )
        })}
      </div>
    </div>
  )
}
