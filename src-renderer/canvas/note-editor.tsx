import type { KeyboardEvent } from 'react'
import { setNoteText } from '../commands/notes.ts'
import { commitTo, useLevel, useTab } from '../store/context.ts'
import { t } from '../strings/t.ts'
import styles from './note-view.module.css'
import { focusCanvas } from './viewport.ts'

interface NoteEditorProps {
  readonly index: number
  readonly text: string
  readonly onDone: () => void
}

/** The Markdown of a note while it is written: every key is in the document, so that nothing is lost; Escape ends it. */
export function NoteEditor({ index, text, onDone }: NoteEditorProps) {
  const tab = useTab()
  const level = useLevel()
  const write = (wanted: string): void =>
    commitTo(tab, setNoteText(tab.document.getState().workflow, level, index, wanted, `note ${index}`))
  const onKeyDown = (event: KeyboardEvent): void => {
    const done = event.key === 'Escape' || (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
    event.stopPropagation()
    if (!done || event.nativeEvent.isComposing) return
    event.preventDefault()
    onDone()
    focusCanvas()
  }
  return (
    <textarea
      ref={focusAtEnd}
      className={`${styles.editor} nodrag nopan nowheel`}
      aria-label={t('canvas.note.text')}
      value={text}
      rows={Math.min(24, text.split('\n').length + 1)}
      onChange={(event) => write(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      onBlur={() => {
        tab.document.endGroup()
        onDone()
      }}
    />
  )
}

/** The field was asked for in order to type into it. */
const focusAtEnd = (field: HTMLTextAreaElement | null): void => {
  field?.focus()
  field?.setSelectionRange(field.value.length, field.value.length)
}
