import { type KeyboardEvent, useEffect, useRef } from 'react'
import { useTravel } from '../../fields/use-travel.ts'
import { focusCanvas } from './viewport.ts'

interface TitleFieldProps {
  readonly className: string | undefined
  readonly label: string
  readonly title: string
  /** Gets what was typed, or undefined if it was given up. */
  readonly onDone: (title: string | undefined) => void
}

/** A title while it is typed: Enter and a press elsewhere keep it, Escape gives it up. */
export function TitleField({ className, label, title, onDone }: TitleFieldProps) {
  const field = useRef<HTMLInputElement>(null)
  // A title that comes from elsewhere, by undo for one, replaces what was typed; the field was asked for in order to type into it.
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
