import type { ConnectionLineComponentProps } from '@xyflow/react'
import { useTab } from '../../store/context.ts'
import type { FlowItem } from '../view/flow-types.ts'
import { typeOfPort } from './connection-fit.ts'
import { useConnectionFrom } from './connection-store.ts'
import { curvePath, linkCurve } from './link-curve.ts'
import styles from './link-view.module.css'

/** The link that is being drawn. */
export function ConnectionLine({ fromX, fromY, toX, toY, fromHandle }: ConnectionLineComponentProps<FlowItem>) {
  const tab = useTab()
  const from = useConnectionFrom()
  const [start, end] = [
    [fromX, fromY],
    [toX, toY],
  ] as const
  const points = fromHandle.type === 'source' ? [start, end] : [end, start]
  const kind = from ? typeOfPort(tab, from).kind : 'unknown'
  return <path className={styles.drawn} d={curvePath(linkCurve(points))} data-kind={kind} />
}
