import { type ChangeEvent, type KeyboardEvent, useRef, useState } from 'react'
import type { Json } from '#core/workflow/json.ts'
import type { FieldState } from './control.ts'
import type { Reading } from './typed-number.ts'

/**
 * Typing in a one-line field. A valid value is written at once. On Enter or blur, any other becomes the nearest valid
 * one. An empty field restores the default; Escape, or a text without a value, the value from before.
 */
export function useTyping(field: FieldState, read: (text: string) => Reading | undefined) {
  const shown = String(field.value)
  const [typed, setTyped] = useState<{ readonly text: string; readonly shown: string }>()
  const before = useRef<{ readonly value: Json; readonly isDefault: boolean }>(undefined)
  // discard the typed text if the value has changed elsewhere
  const text = typed?.shown === shown ? typed.text : shown

  const type = (next: string) => {
    before.current ??= field
    const reading = read(next)
    if (reading?.exact) field.change(reading.value)
    setTyped({ text: next, shown: reading?.exact ? String(reading.value) : shown })
  }
  const settle = () => {
    if (text !== shown) {
      const reading = read(text)
      if (text.trim() === '') field.reset()
      else if (!reading) return restore()
      else if (!reading.exact) field.change(reading.value)
    }
    forget()
  }
  const forget = () => {
    setTyped(undefined)
    before.current = undefined
    field.end()
  }
  const restore = () => {
    const { value, isDefault } = before.current ?? field
    if (isDefault) field.reset()
    else if (value !== field.value) field.change(value)
    forget()
  }
  return {
    text,
    handlers: {
      onChange: ({ target }: ChangeEvent<HTMLInputElement>) => type(target.value),
      onBlur: settle,
      onKeyDown: (event: KeyboardEvent<HTMLInputElement>) => {
        if (event.key === 'Enter') settle()
        else if (event.key === 'Escape' && before.current) restore()
        else return
        // Escape restores the value and must not stop the run; Ctrl+Enter runs with the typed value
        if (event.key === 'Escape') event.preventDefault()
        const { currentTarget } = event
        // after this event, when the value is rendered
        queueMicrotask(() => currentTarget.select())
      },
    },
  }
}
