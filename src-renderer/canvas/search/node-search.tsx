import { useClickOutside } from '@mantine/hooks'
import { type CSSProperties, type KeyboardEvent, useId, useState } from 'react'
import { useStore } from 'zustand'
import { useTab } from '../../store/context.ts'
import { type NodeSearch as Search, ui } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { nameOfPort } from '../links/connection-fit.ts'
import { useReturnedFocus } from '../view/use-returned-focus.ts'
import { focusCanvas } from '../view/viewport.ts'
import { addEntry } from './add-entry.ts'
import type { SearchEntry } from './entries.ts'
import styles from './node-search.module.css'
import { optionId, ResultList } from './result-list.tsx'
import { useResults } from './use-results.ts'

const close = (): void => ui.setState({ search: undefined })

/** Number of rows for Page down. */
const page = 8

/** The next entry for each key. The arrows wrap around. */
const moves: ReadonlyMap<string, (active: number, last: number) => number> = new Map([
  ['ArrowDown', (active, last) => (active >= last ? 0 : active + 1)],
  ['ArrowUp', (active, last) => (active === 0 ? last : active - 1)],
  ['PageDown', (active, last) => Math.min(active + page, last)],
  ['PageUp', (active) => Math.max(active - page, 0)],
])

/** The search for a node to add, at the place where it was opened. */
export function NodeSearch() {
  const search = useStore(ui, (state) => state.search)
  return search && <SearchPopup key={search.at.join()} search={search} />
}

function SearchPopup({ search }: { readonly search: Search }) {
  const tab = useTab()
  const list = useId()
  const [query, setQuery] = useState('')
  const [active, setActive] = useState(0)
  const groups = useResults(search, query)
  const entries = groups.flatMap((group) => group.entries)
  const box = useClickOutside<HTMLDivElement>(close)
  useReturnedFocus()

  const choose = (entry: SearchEntry | undefined): void => {
    if (!entry) return
    close()
    addEntry(tab, entry, search)
    // keys should act on the added node
    focusCanvas()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation()
    if (event.nativeEvent.isComposing) return
    const move = moves.get(event.key)
    if (move) setActive(move(active, Math.max(0, entries.length - 1)))
    else if (event.key === 'Enter') choose(entries[active])
    else if (event.key === 'Escape' || event.key === 'Tab') close()
    else return
    event.preventDefault()
  }
  const corner = { '--x': `${search.screen.x}px`, '--y': `${search.screen.y}px` } as CSSProperties
  return (
    <div ref={box} className={styles.popup} style={corner} role="dialog" aria-label={t('canvas.search.label')}>
      <input
        // the search opens for typing
        ref={focus}
        className={styles.query}
        role="combobox"
        aria-expanded={entries.length > 0}
        aria-controls={list}
        aria-activedescendant={entries.length > 0 ? optionId(list, active) : undefined}
        aria-label={t('canvas.search.placeholder')}
        placeholder={
          search.from
            ? t('canvas.search.placeholderFrom', { port: nameOfPort(tab, search.from) })
            : t('canvas.search.placeholder')
        }
        value={query}
        autoComplete="off"
        spellCheck={false}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setQuery(event.currentTarget.value)
          setActive(0)
        }}
      />
      <ResultList id={list} groups={groups} active={active} query={query} onPoint={setActive} onChoose={choose} />
    </div>
  )
}

const focus = (input: HTMLInputElement | null): void => input?.focus()
