import { ViewportPortal } from '@xyflow/react'
import { memo, useRef } from 'react'
import type { Kind } from '#core/types/types.ts'
import type { FlowItem, FlowLink } from '../view/flow-types.ts'
import { curvePath, linkCurve } from './link-curve.ts'
import { portPoint } from './link-geometry.ts'
import styles from './link-view.module.css'

interface PlainLinksProps {
  readonly items: readonly FlowItem[]
  readonly links: readonly FlowLink[]
}

interface Drawn {
  readonly link: FlowLink
  readonly source: FlowItem | undefined
  readonly target: FlowItem | undefined
  readonly d: string
}

/** All links as one picture with a path for each kind. Used at low zoom, where links are too small to click. */
export const PlainLinks = memo(function PlainLinks({ items, links }: PlainLinksProps) {
  const drawn = useRef<ReadonlyMap<string, Drawn>>(new Map())
  const byId = new Map(items.map((item) => [item.id, item]))
  const next = new Map<string, Drawn>()
  const paths = new Map<Kind, string[]>()
  for (const link of links) {
    const entry = drawnLink(link, byId.get(link.source), byId.get(link.target), drawn.current.get(link.id))
    next.set(link.id, entry)
    const kind = link.data?.kind ?? 'unknown'
    const known = paths.get(kind)
    if (known) known.push(entry.d)
    else paths.set(kind, [entry.d])
  }
  drawn.current = next
  return (
    <ViewportPortal>
      <svg className={styles.plain} width="1" height="1" aria-hidden="true">
        {[...paths].map(([kind, parts]) => (
          <path key={kind} className={styles.plainLine} data-kind={kind} d={parts.join('')} />
        ))}
      </svg>
    </ViewportPortal>
  )
})

function drawnLink(
  link: FlowLink,
  source: FlowItem | undefined,
  target: FlowItem | undefined,
  before: Drawn | undefined,
): Drawn {
  if (before?.link === link && before.source === source && before.target === target) return before
  const from = portPoint(source, 'source', link.sourceHandle ?? '')
  const to = portPoint(target, 'target', link.targetHandle ?? '')
  const d = from && to ? curvePath(linkCurve([from, ...(link.data?.via ?? []), to])) : ''
  return { link, source, target, d }
}
