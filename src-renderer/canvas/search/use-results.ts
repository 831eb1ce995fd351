import { useMemo } from 'react'
import { useStore } from 'zustand'
import { useTab } from '../../store/context.ts'
import { library } from '../../store/library.ts'
import { shownIn } from '../../store/shown.ts'
import type { NodeSearch } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { typeOfPort } from '../links/connection-fit.ts'
import { entriesOf, modelEntries, type SearchEntry } from './entries.ts'
import { fitsEnd, found, grouped, type SearchGroup } from './rank.ts'
import { recentEntries } from './recent.ts'

/** The results for a query, including model files. Without a query, all fitting nodes by category. */
export function useResults({ from }: NodeSearch, query: string): readonly SearchGroup[] {
  const tab = useTab()
  const models = useStore(library, (state) => state.models)
  const recent = useStore(recentEntries)
  const { nodes, files } = useMemo(() => {
    const end = from && { side: from.side, type: typeOfPort(tab, from) }
    const fits = (entry: SearchEntry): boolean => end === undefined || fitsEnd(entry, end)
    const { workflow, level } = shownIn(tab)
    const known = entriesOf(workflow, level)
    return { nodes: known.filter(fits), files: modelEntries(models).filter(fits) }
  }, [tab, from, models])
  return useMemo(() => {
    if (query.trim() === '') return grouped(nodes, recent, t('canvas.search.recent'))
    const entries = found([...nodes, ...files], query, recent)
    return entries.length > 0 ? [{ entries }] : []
  }, [nodes, files, query, recent])
}
