import type { KeyboardEvent } from 'react'
import { renameNode } from '../../commands/nodes.ts'
import { commitTo, useLevel, useTab } from '../../store/context.ts'
import { t } from '../../strings/t.ts'
import styles from './node-panel.module.css'

interface NodeTitleProps {
  readonly id: string
  readonly title: string | undefined
  /** What it is called without a title of its own. */
  readonly placeholder: string
}

/** The title of a node, to be changed in place; an empty one gives back that of its type. */
export function NodeTitle({ id, title, placeholder }: NodeTitleProps) {
  const tab = useTab()
  const level = useLevel()
  const take = (text: string) => {
    if (text !== (title ?? '')) commitTo(tab, renameNode(tab.document.getState().workflow, level, id, text))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Escape') event.currentTarget.value = title ?? ''
    if (event.key !== 'Escape' && event.key !== 'Enter') return
    event.preventDefault()
    event.currentTarget.blur()
  }
  return (
    <input
      key={title}
      className={styles.title}
      aria-label={t('panels.node.title')}
      placeholder={placeholder}
      defaultValue={title}
      onBlur={({ target }) => take(target.value)}
      onKeyDown={onKeyDown}
    />
  )
}
