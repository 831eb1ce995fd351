import { ChevronDown } from 'lucide-react'
import { Suspense, useRef, useState } from 'react'
import { Boundary } from '../ui/boundary.tsx'
import { deferred } from '../ui/deferred.ts'
import { ariaOf, type FieldState } from './control.ts'
import styles from './fields.module.css'
import type { PickerItem } from './picker-option.tsx'
import { Popover } from './popover.tsx'

const Picker = deferred(async () => (await import('./picker.tsx')).Picker)

interface PickerButtonProps {
  readonly field: FieldState
  /** Display name of the chosen item. */
  readonly shown: string
  readonly value: string
  /** Called only when the list opens. */
  readonly items: () => readonly PickerItem[]
  readonly onChoose: (key: string) => void
  readonly onOpen?: () => void
}

/** A button that shows the chosen item and opens a list. */
export function PickerButton({ field, shown, value, items, onChoose, onOpen }: PickerButtonProps) {
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  // a press on the button closes the popover, like any press outside, and must not open it again
  const wasOpen = useRef(false)
  const toggle = () => {
    if (!wasOpen.current) onOpen?.()
    setOpen(!wasOpen.current)
  }
  const close = () => {
    setOpen(false)
    button.current?.focus()
  }
  return (
    <>
      <button
        {...ariaOf(field)}
        ref={button}
        type="button"
        className={styles.choose}
        aria-haspopup="listbox"
        aria-expanded={open}
        onPointerDown={() => {
          wasOpen.current = open
        }}
        onKeyDown={() => {
          wasOpen.current = open
        }}
        onClick={toggle}
      >
        <span>{shown}</span>
        <ChevronDown size={12} aria-hidden />
      </button>
      {open && (
        <Popover anchor={button} label={field.label} onClose={close}>
          <Boundary>
            <Suspense>
              <Picker
                label={field.label}
                items={items()}
                value={value}
                onChoose={(key) => {
                  onChoose(key)
                  close()
                }}
              />
            </Suspense>
          </Boundary>
        </Popover>
      )}
    </>
  )
}
