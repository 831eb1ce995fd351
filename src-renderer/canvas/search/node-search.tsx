import { useClickOutside, useFocusReturn } from '@mantine/hooks'
import { type KeyboardEvent, useId, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { useTab } from '../../store/context.ts'
import { library } from '../../store/library.ts'
import { type NodeSearch as Search, ui } from '../../store/ui.ts'
import { levelOf } from '../../store/view-store.ts'
import { t } from '../../strings/t.ts'
import { addEntry } from './add-entry.ts'
import { entriesOf, modelEntries, type SearchEntry } from './entries.ts'
import styles from './node-search.module.css'
import { danglingEnd } from './open.ts'
import { fitsEnd, found, grouped, type SearchGroup } from './rank.ts'
import { recentEntries } from './recent.ts'
import { ResultList } from './result-list.tsx'

const close = (): void => ui.setState({ search: undefined })

/** The list of everything that can be added, where it was asked for. */
export function NodeSearch() {
  const search = useStore(ui, (state) => state.search)
  return search && <SearchPopup key={`${search.at}`} search={search} />
}

function SearchPopup({ search }: { readonly search: Search }) {
  const tab = useTab()
  const list = useId()
  const [query, setQuery] = useState('')
  const [active, setActive] = useState(0)
  const groups = useResults(search, query)
  const entries = groups.flatMap((group) => group.entries)
  const box = useClickOutside<HTMLDivElement>(close)
  useFocusReturn({ opened: true })

  const choose = (entry: SearchEntry): void => {
    close()
    addEntry(tab, entry, search)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const chosen = entries[active]
    const act = {
      ArrowDown: () => setActive((active + 1) % Math.max(1, entries.length)),
      ArrowUp: () => setActive((active + entries.length - 1) % Math.max(1, entries.length)),
      PageDown: () => setActive(Math.min(active + 8, entries.length - 1)),
      PageUp: () => setActive(Math.max(active - 8, 0)),
      Enter: () => chosen && choose(chosen),
      Tab: close,
      Escape: close,
    }[event.key]
    if (act === undefined || event.nativeEvent.isComposing) return
    event.preventDefault()
    event.stopPropagation()
    act()
  }
  return (
    <div
      ref={box}
      className={styles.popup}
      style={{ '--x': `${search.screen.x}px`, '--y': `${search.screen.y}px` }}
      role="dialog"
      aria-label={t('canvas.search.label')}
    >
      <input
        // biome-ignore lint: placeholder
        className={styles.query}
        type="text"
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={entries[active] && `${list}-${active}`}
        aria-label={t('canvas.search.label')}
        placeholder={t('canvas.search.placeholder')}
        value={query}
        autoComplete="off"
        spellCheck={false}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setQuery(event.currentTarget.value)
          setActive(0)
        }}
      />
      <ResultList id={list} groups={groups} active={active} onActive={setActive} onChoose={choose} query={query} />
    </div>
  )
}

/** What is offered for a query: without one everything that fits by category, with one also model files. */
function useResults(search: Search, query: string): readonly SearchGroup[] {
  const tab = useTab()
  const models = useStore(library, (state) => state.models)
  const recent = useStore(recentEntries)
  const [nodes, files] = useMemo(() => {
    const end = search.from && danglingEnd(tab, search.from)
    const fits = (entry: SearchEntry) => end === undefined || fitsEnd(entry, end)
    const known = entriesOf(tab.document.getState().workflow, levelOf(tab.view.getState()))
    return [known.filter(fits), modelEntries(models).filter(fits)]
  }, [tab, search, models])
  return useMemo(() => {
    if (query.trim() === '') return grouped(nodes, recent, t('canvas.search.recent'))
    return [{ entries: found([...nodes, ...files], query, recent) }]
  }, [nodes, files, query, recent])
}
