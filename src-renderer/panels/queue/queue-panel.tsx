import { Button } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { jobs } from '../../store/jobs.ts'
import { t } from '../../strings/t.ts'
import { HistoryRow } from './history-row.tsx'
import { cancelWaiting, clearHistory } from './job-actions.ts'
import styles from './queue-panel.module.css'
import { type QueueRow, type QueueSection, queueRows } from './rows.ts'
import { RunningRow } from './running-row.tsx'
import { WaitingRow } from './waiting-row.tsx'

/** Heights of the rows in pixels. */
const headingHeight = 32
const heights: Readonly<Record<QueueSection, number>> = { running: 84, waiting: 52, history: 72 }
const contents = { running: RunningRow, waiting: WaitingRow, history: HistoryRow } as const
/** What can be done with all jobs of a section. */
const forAll: Readonly<Partial<Record<QueueSection, { readonly label: 'cancelAll' | 'clear'; perform(): void }>>> = {
  waiting: { label: 'cancelAll', perform: cancelWaiting },
  history: { label: 'clear', perform: clearHistory },
}

/** Running, waiting and finished jobs. */
export function QueuePanel() {
  const state = useStore(jobs)
  const rows = useMemo(() => queueRows(state), [state])
  const scroller = useRef<HTMLDivElement>(null)
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => heightOf(rows[index]),
    getItemKey: (index) => keyOf(rows[index]),
    overscan: 6,
  })
  if (rows.length === 0) return <p className={styles.empty}>{t('panels.queue.empty')}</p>
  return (
    <div ref={scroller} className={styles.scroller}>
      <ul className={styles.sheet} style={{ height: list.getTotalSize() }} aria-label={t('shell.side.queue')}>
        {list.getVirtualItems().map(({ key, index, start, size }) => (
          <li key={key} className={styles.line} style={{ height: size, transform: `translateY(${start}px)` }}>
            <Line row={rows[index]} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function Line({ row }: { row: QueueRow | undefined }) {
  if (row?.kind === 'heading') return <Heading {...row} />
  if (!row) return null
  const Content = contents[row.section]
  return <Content job={row.job} />
}

function Heading({ section, count }: { section: QueueSection; count: number }) {
  const action = forAll[section]
  return (
    <div className={styles.heading}>
      <h3 className={styles.title}>
        {t(`panels.queue.${section}`)} <span className={styles.count}>{count}</span>
      </h3>
      {action && (
        <Button size="compact-sm" variant="subtle" color="gray" onClick={action.perform}>
          {t(`panels.queue.${action.label}`)}
        </Button>
      )}
    </div>
  )
}

const heightOf = (row: QueueRow | undefined): number => (row?.kind === 'job' ? heights[row.section] : headingHeight)
const keyOf = (row: QueueRow | undefined): string => (row?.kind === 'job' ? row.job.id : (row?.section ?? ''))
