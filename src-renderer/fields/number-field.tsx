import type { KeyboardEvent, MouseEvent } from 'react'
import { ariaOf, type ControlProps } from './control.ts'
import { FieldBox } from './field-box.tsx'
import styles from './fields.module.css'
import { paceOf, rangeOf, shareOf, stepped } from './number.ts'
import { readNumber } from './typed-number.ts'
import { useNumberDrag } from './use-number-drag.ts'
import { useTyping } from './use-typing.ts'

const keySteps: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }

/** The field of a number: typed, dragged, or stepped by arrow keys and wheel. */
export function NumberField({ field, type }: ControlProps<'int' | 'float'>) {
  const range = rangeOf(type, field.port.step ?? 1)
  const value = typeof field.value === 'number' ? field.value : Number.NaN
  const typing = useTyping(field, (text) => readNumber(text, range))
  const drag = useNumberDrag({ value, range, change: field.change, end: field.end })

  const step = (event: KeyboardEvent | WheelEvent, steps: number) => {
    const from = Number.isFinite(value) ? value : Number(field.port.default ?? range.min)
    event.preventDefault()
    field.change(stepped(from, steps, paceOf(event), range))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const steps = keySteps[event.key]
    if (steps) step(event, steps)
    else typing.handlers.onKeyDown(event)
  }
  // focus only on release, because the press may become a drag
  const holdFocus = (event: MouseEvent<HTMLInputElement>) => {
    if (event.currentTarget !== document.activeElement) event.preventDefault()
  }
  return (
    <FieldBox
      field={field}
      share={shareOf(value, range)}
      onWheel={(event) => step(event, -Math.sign(event.deltaY || event.deltaX))}
      {...drag}
    >
      <input
        {...ariaOf(field)}
        {...typing.handlers}
        className={styles.value}
        role="spinbutton"
        type="text"
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        aria-valuenow={Number.isFinite(value) ? value : undefined}
        aria-valuemin={range.min}
        aria-valuemax={range.max}
        value={typing.text}
        onMouseDown={holdFocus}
        onKeyDown={onKeyDown}
      />
    </FieldBox>
  )
}
