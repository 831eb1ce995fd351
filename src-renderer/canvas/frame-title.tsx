import { type KeyboardEvent, useState } from 'react'
import { setFrameTitle } from '../commands/frames.ts'
import { commitTo, useLevel, useTab } from '../store/context.ts'
import { t } from '../strings/t.ts'
import styles from './frame-view.module.css'
import { TitleField } from './title-field.tsx'

interface FrameTitleProps {
  readonly index: number
  readonly title: string
}

/** The title of a frame, which also moves it; a double click, Enter or F2 lets it be changed. */
export function FrameTitle({ index, title }: FrameTitleProps) {
  const tab = useTab()
  const level = useLevel()
  const [editing, setEditing] = useState(false)
  const rename = (wanted: string | undefined): void => {
    setEditing(false)
    if (wanted !== undefined) commitTo(tab, setFrameTitle(tab.document.getState().workflow, level, index, wanted))
  }
  if (editing) {
    return <TitleField className={styles.field} label={t('canvas.frame.title')} title={title} onDone={rename} />
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== 'F2') return
    event.preventDefault()
    event.stopPropagation()
    setEditing(true)
  }
  return (
    <button
      type="button"
      className={styles.title}
      title={t('canvas.frame.rename')}
      onDoubleClick={(event) => {
        event.stopPropagation()
        setEditing(true)
      }}
      onKeyDown={onKeyDown}
    >
      {title || t('canvas.frame.untitled')}
    </button>
  )
}
