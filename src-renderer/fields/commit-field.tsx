import type { KeyboardEvent } from 'react'

interface CommitFieldProps {
  readonly className: string | undefined
  readonly label: string
  readonly value: string
  readonly onCommit: (value: string) => void
}

/** A text field whose value counts once it is left or Enter is pressed; Escape takes back what was typed. */
export function CommitField({ className, label, value, onCommit }: CommitFieldProps) {
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    event.stopPropagation()
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape') event.currentTarget.value = value
    if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur()
  }
  return (
    <input
      // A value from elsewhere, by undo for one, replaces what the field shows.
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
