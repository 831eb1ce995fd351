import type { KeyboardEvent } from 'react'
import { renameNode } from '../../commands/nodes.ts'
import { commitTo, useLevel, useTab } from '../../store/context.ts'
import { t } from '../../strings/t.ts'
import styles from './node-panel.module.css'

interface NodeTitleProps {
  readonly id: string
  readonly title: string | undefined
  /** The title of its type. */
  readonly placeholder: string
}

/** Edits the title of a node in place. An empty title restores that of its type. */
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
