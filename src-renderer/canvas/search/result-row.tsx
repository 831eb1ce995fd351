import { ArrowRight } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { Kind } from '#core/types/types.ts'
import { t } from '../../strings/t.ts'
import { PortShape } from '../../ui/port-shape.tsx'
import { kindsOf, type SearchEntry } from './entries.ts'
import styles from './node-search.module.css'

interface ResultRowProps {
  readonly id: string
  readonly entry: SearchEntry
  /** Whether to show its category. */
  readonly category: boolean
  readonly active: boolean
  readonly onPoint: () => void
  readonly onChoose: () => void
}

/** An entry: its name, its purpose, and the kinds of its inputs and outputs. */
export function ResultRow({ id, entry, category, active, onPoint, onChoose }: ResultRowProps) {
  const row = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (active) row.current?.scrollIntoView({ block: 'nearest' })
  }, [active])
  return (
    <button
      ref={row}
      type="button"
      id={id}
      className={styles.row}
      role="option"
      aria-selected={active}
      tabIndex={-1}
      onPointerMove={active ? undefined : onPoint}
      onClick={onChoose}
    >
      <span className={styles.title}>{entry.title}</span>
      <Kinds entry={entry} />
      <span className={styles.description}>
        {category && <span className={styles.category}>{entry.category}</span>} {entry.description}
      </span>
    </button>
  )
}

function Kinds({ entry }: { readonly entry: SearchEntry }) {
  const takes = kindsOf(entry, 'inputs')
  const gives = kindsOf(entry, 'outputs')
  if (takes.length + gives.length === 0) return null
  return (
    <span className={styles.kinds}>
      <Shapes kinds={takes} label={t('canvas.search.takes', { kinds: takes.join(', ') })} />
      <ArrowRight size={12} aria-hidden />
      <Shapes kinds={gives} label={t('canvas.search.gives', { kinds: gives.join(', ') })} />
    </span>
  )
}

function Shapes({ kinds, label }: { readonly kinds: readonly Kind[]; readonly label: string }) {
  if (kinds.length === 0) return null
  return (
    <span className={styles.shapes} role="img" aria-label={label} title={label}>
      {kinds.map((kind) => (
        <PortShape key={kind} kind={kind} filled />
      ))}
    </span>
  )
}
