import { type KeyboardEvent, useEffect, useRef } from 'react'
import { setNoteText } from '../../commands/notes.ts'
import { useTravel } from '../../fields/use-travel.ts'
import { commitTo, useLevel, useTab } from '../../store/context.ts'
import { t } from '../../strings/t.ts'
import { focusCanvas } from '../view/viewport.ts'
import styles from './note-view.module.css'

interface NoteEditorProps {
  readonly index: number
  readonly text: string
  readonly onDone: () => void
}

/** Editor for the Markdown of a note. Every key changes the document, so nothing is lost. Escape ends it. */
export function NoteEditor({ index, text, onDone }: NoteEditorProps) {
  const tab = useTab()
  const level = useLevel()
  const field = useFocusAtEnd()
  useTravel(field)
  const write = (wanted: string): void =>
    commitTo(tab, setNoteText(tab.document.getState().workflow, level, index, wanted, `note ${index}`))
  const onKeyDown = (event: KeyboardEvent): void => {
    const done = event.key === 'Escape' || (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
    if (!done || event.nativeEvent.isComposing) return
    event.stopPropagation()
    event.preventDefault()
    onDone()
    focusCanvas()
  }
  return (
    <textarea
      ref={field}
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

/** Focuses the field as soon as possible. A new note is hidden until it is measured. */
function useFocusAtEnd() {
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    let frame = 0
    const tryFocus = (): void => {
      const { current } = field
      if (!current) return
      current.focus({ preventScroll: true })
      current.setSelectionRange(current.value.length, current.value.length)
      if (document.activeElement !== current) frame = requestAnimationFrame(tryFocus)
    }
    tryFocus()
    return () => cancelAnimationFrame(frame)
  }, [])
  return field
}
