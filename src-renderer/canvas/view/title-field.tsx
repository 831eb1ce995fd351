import { type KeyboardEvent, useEffect, useRef } from 'react'
import { useTravel } from '../../fields/use-travel.ts'
import { focusCanvas } from './viewport.ts'

interface TitleFieldProps {
  readonly className: string | undefined
  readonly label: string
  readonly title: string
  /** Called with the new title, or with undefined if it was cancelled. */
  readonly onDone: (title: string | undefined) => void
}

/** Edits a title. Enter or a click elsewhere keeps it, Escape cancels. */
export function TitleField({ className, label, title, onDone }: TitleFieldProps) {
  const field = useRef<HTMLInputElement>(null)
  // a title that changes elsewhere, for example by undo, replaces the typed text
  useEffect(() => {
    const { current } = field
    if (!current) return
    current.value = title
    current.focus()
    current.select()
  }, [title])
  useTravel(field, true, () => {
    const { current } = field
    if (!current || current.value === title) return false
    current.value = title
    return true
  })
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    event.stopPropagation()
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') event.currentTarget.blur()
    if (event.key === 'Escape') onDone(undefined)
    if (event.key === 'Enter' || event.key === 'Escape') focusCanvas()
  }
  return (
    <input
      ref={field}
      className={`${className} nodrag nopan`}
      aria-label={label}
      defaultValue={title}
      maxLength={200}
      onKeyDown={onKeyDown}
      onBlur={(event) => onDone(event.currentTarget.value)}
    />
  )
}
