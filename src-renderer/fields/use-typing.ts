import { type ChangeEvent, type KeyboardEvent, useRef, useState } from 'react'
import { LoomError } from '#core/errors.ts'
import { readText } from '#core/workflow/constant.ts'
import type { Json } from '#core/workflow/json.ts'
import type { FieldState } from './control.ts'

/** What a text that is no value of its type is kept as. */
type Keep = (text: string) => Json

/**
 * Typing into a field of one line. A value is written as soon as it is one; any other text when the field is left, so that it
 * stays to be seen and mended. An empty field goes back to its default, and Escape to what was there before.
 */
export function useTyping(field: FieldState, keep: Keep) {
  const shown = String(field.value)
  const [typed, setTyped] = useState<{ readonly text: string; readonly shown: string }>()
  const before = useRef<{ readonly value: Json; readonly isDefault: boolean }>(undefined)
  // What was typed for a value that was changed from elsewhere in the meantime counts no more.
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
        // Escape stops no run while it takes something back; Enter with Ctrl runs what was typed.
        if (event.key === 'Escape') event.preventDefault()
        const { currentTarget } = event
        // Once the value is there, which is the case after this event.
        queueMicrotask(() => currentTarget.select())
      },
    },
  }
}
