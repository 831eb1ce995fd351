import { type KeyboardEvent, useCallback } from 'react'
import { renameDocument } from '../commands/document.ts'
import { commitTo } from '../store/history.ts'
import type { Tab } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import styles from './document-tab.module.css'

interface RenameFieldProps {
  readonly tab: Tab
  readonly title: string
  readonly onDone: () => void
}

/** Renames a document in its tab. Enter applies the name, Escape cancels. */
export function RenameField({ tab, title, onDone }: RenameFieldProps) {
  const focus = useCallback((field: HTMLInputElement | null) => field?.select(), [])
  const take = (name: string) => {
    if (name.trim() !== '' && name !== title) commitTo(tab, renameDocument(tab.document.getState().workflow, name))
    onDone()
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    event.stopPropagation()
    if (event.key === 'Enter') take(event.currentTarget.value)
    if (event.key === 'Escape') onDone()
  }
  return (
    <li>
      <input
        ref={focus}
        className={styles.rename}
        aria-label={t('shell.tabs.name')}
        defaultValue={title}
        onKeyDown={onKeyDown}
        onBlur={(event) => take(event.currentTarget.value)}
      />
    </li>
  )
}
