import type { KeyboardEvent } from 'react'

interface CommitFieldProps {
  readonly className: string | undefined
  readonly label: string
  readonly value: string
  readonly onCommit: (value: string) => void
}

/** A text field that commits on blur or Enter. Escape restores the value. */
export function CommitField({ className, label, value, onCommit }: CommitFieldProps) {
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    event.stopPropagation()
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape') event.currentTarget.value = value
    if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur()
  }
  return (
    <input
      // a value that changes elsewhere, for example by undo, replaces the shown text
      key={value}
      className={className}
      aria-label={label}
      defaultValue={value}
      maxLength={200}
      onKeyDown={onKeyDown}
      onBlur={({ currentTarget }) => {
        if (currentTarget.value !== value) onCommit(currentTarget.value)
      }}
    />
  )
}
