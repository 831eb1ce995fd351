import type { KeyboardEvent } from 'react'
import { setFrameTitle } from '../../commands/frames.ts'
import { commitTo, useLevel, useTab } from '../../store/context.ts'
import { frameKey } from '../../store/graph.ts'
import { t } from '../../strings/t.ts'
import { endRename, startRename, useIsRenaming } from '../view/rename.ts'
import { TitleField } from '../view/title-field.tsx'
import styles from './frame-view.module.css'

interface FrameTitleProps {
  readonly index: number
  readonly title: string
}

/** The title of a frame. Dragging it moves the frame; a double click, Enter or F2 edits it. */
export function FrameTitle({ index, title }: FrameTitleProps) {
  const tab = useTab()
  const level = useLevel()
  const key = frameKey(index)
  const writing = useIsRenaming(tab, key)
  const rename = (wanted: string | undefined): void => {
    endRename()
    if (wanted !== undefined) commitTo(tab, setFrameTitle(tab.document.getState().workflow, level, index, wanted))
  }
  if (writing) {
    return <TitleField className={styles.field} label={t('canvas.frame.title')} title={title} onDone={rename} />
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== 'F2') return
    event.preventDefault()
    event.stopPropagation()
    startRename(tab, key)
  }
  return (
    <button
      type="button"
      className={styles.title}
      title={t('canvas.frame.rename')}
      onDoubleClick={(event) => {
        event.stopPropagation()
        startRename(tab, key)
      }}
      onKeyDown={onKeyDown}
    >
      {title || t('canvas.frame.untitled')}
    </button>
  )
}
