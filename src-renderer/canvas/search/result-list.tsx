import { t } from '../../strings/t.ts'
import type { SearchEntry } from './entries.ts'
import styles from './node-search.module.css'
import type { SearchGroup } from './rank.ts'
import { ResultRow } from './result-row.tsx'

interface ResultListProps {
  readonly id: string
  readonly groups: readonly SearchGroup[]
  /** Index of the active entry over all groups. */
  readonly active: number
  readonly query: string
  readonly onPoint: (place: number) => void
  readonly onChoose: (entry: SearchEntry) => void
}

/** Id of an option, for `aria-activedescendant`. */
export const optionId = (list: string, place: number): string => `${list}-${place}`

/** The results of the search, or a message if there are none. */
export function ResultList({ id, groups, active, query, onPoint, onChoose }: ResultListProps) {
  const starts = startsOf(groups)
  return (
    <div id={id} className={styles.results} role="listbox" tabIndex={-1} aria-label={t('canvas.search.results')}>
      {groups.length === 0 && <Nothing query={query} />}
      {groups.map(({ heading, entries }, group) => (
        <fieldset key={heading ?? ''} className={styles.group} aria-label={heading}>
          {heading !== undefined && <div className={styles.heading}>{heading}</div>}
          {entries.map((entry, index) => {
            const place = (starts[group] ?? 0) + index
            return (
              <ResultRow
                key={entry.id}
                id={optionId(id, place)}
                entry={entry}
                category={entry.category !== heading}
                active={place === active}
                onPoint={() => onPoint(place)}
                onChoose={() => onChoose(entry)}
              />
            )
          })}
        </fieldset>
      ))}
    </div>
  )
}

/** Number of entries before each group. */
function startsOf(groups: readonly SearchGroup[]): number[] {
  let count = 0
  return groups.map(({ entries }) => {
    const start = count
    count += entries.length
    return start
  })
}

const Nothing = ({ query }: { readonly query: string }) => (
  <div className={styles.nothing} role="status">
    <p>{query.trim() === '' ? t('canvas.search.nothingFits') : t('canvas.search.nothing', { query: query.trim() })}</p>
    <p>{t('canvas.search.nothingHint')}</p>
  </div>
)
