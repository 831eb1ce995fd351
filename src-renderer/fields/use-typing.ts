import { type ChangeEvent, type KeyboardEvent, useRef, useState } from 'react'
import { LoomError } from '#core/errors.ts'
import { readText } from '#core/workflow/constant.ts'
import type { Json } from '#core/workflow/json.ts'
import type { FieldState } from './control.ts'

/** Converts a text that is not a valid value to the stored value. */
type Keep = (text: string) => Json

/**
 * Typing in a one-line field. A valid value is written at once. An invalid one is written on blur, so that the user can
 * see and correct it. An empty field restores the default; Escape restores the value from before.
 */
export function useTyping(field: FieldState, keep: Keep) {
  const shown = String(field.value)
  const [typed, setTyped] = useState<{ readonly text: string; readonly shown: string }>()
  const before = useRef<{ readonly value: Json; readonly isDefault: boolean }>(undefined)
  // discard the typed text if the value has changed elsewhere
  const text = typed?.shown === shown ? typed.text : shown

  const type = (next: string) => {
    before.current ??= field
    const value = readText(field.port.type, next, field.label)
    const isValue = !(value instanceof LoomError)
    if (isValue) field.change(value)
    setTyped({ text: next, shown: isValue ? String(value) : shown })
  }
  const settle = () => {
    if (text !== shown) {
      if (text.trim() === '') field.reset()
      else if (readText(field.port.type, text, field.label) instanceof LoomError) field.change(keep(text))
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
