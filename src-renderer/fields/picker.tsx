import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { t } from '../strings/t.ts'
import { type PickerItem, PickerOption } from './picker-option.tsx'
import styles from './popover.module.css'

interface PickerProps {
  readonly label: string
  readonly items: readonly PickerItem[]
  /** Key of the chosen item. */
  readonly value: string
  readonly onChoose: (key: string) => void
}

const plainHeight = 28
const tallHeight = 44
/** Row height with a reason of two lines. */
const reasonHeight = 60

/** A list with a search. Arrow keys and Enter choose. */
export function Picker({ label, items, value, onChoose }: PickerProps) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  // focus the search, so that the user can type at once
  useEffect(() => input.current?.focus({ preventScroll: true }), [])
  const [search, setSearch] = useState('')
  const words = search.toLowerCase().split(/\s+/)
  const found = items.filter(({ title, detail = '' }) =>
    words.every((word) => `${title} ${detail}`.toLowerCase().includes(word)),
  )
  const [active, setActive] = useState(() =>
    Math.max(
      0,
      items.findIndex(({ key }) => key === value),
    ),
  )
  const tall = items.some(({ detail }) => detail !== undefined)
  const pictured = items.some(({ picture }) => picture !== undefined)
  const rows = useVirtualizer({
    count: found.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (found[index]?.disabled ? reasonHeight : tall ? tallHeight : plainHeight),
    getItemKey: (index) => found[index]?.key ?? index,
    overscan: 4,
    initialOffset: active * (tall ? tallHeight : plainHeight),
  })
  const activate = (index: number) => {
    const next = Math.min(found.length - 1, Math.max(0, index))
    setActive(next)
    if (found.length > 0) rows.scrollToIndex(next)
  }
  const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 7, PageUp: -7 }
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = found[active]
    const step = steps[event.key]
    if (step) activate(active + step)
    else if (event.key === 'Enter' && chosen && !chosen.disabled) onChoose(chosen.key)
    else return
    event.preventDefault()
  }
  return (
    <>
      <input
        ref={input}
        className={styles.search}
        type="text"
        role="combobox"
        aria-label={t('fields.search', { label })}
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={found[active] && `${id}-${active}`}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        placeholder={t('fields.search', { label })}
        value={search}
        onChange={({ target }) => {
          setSearch(target.value)
          setActive(0)
        }}
        onKeyDown={onKeyDown}
      />
      {found.length === 0 && (
        <p className={styles.none} role="status">
          {t(items.length === 0 ? 'fields.nothing' : 'fields.none')}
        </p>
      )}
      <div ref={scroller} className={styles.list}>
        <div id={`${id}-list`} role="listbox" aria-label={label} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start, size }) => {
            const item = found[index]
            return (
              item && (
                <PickerOption
                  key={item.key}
                  id={`${id}-${index}`}
                  item={item}
                  pictured={pictured}
                  chosen={item.key === value}
                  active={index === active}
                  place={{ index, count: found.length, top: start, height: size }}
                  onPoint={setActive}
                  onChoose={onChoose}
                />
              )
            )
          })}
        </div>
      </div>
    </>
  )
}
