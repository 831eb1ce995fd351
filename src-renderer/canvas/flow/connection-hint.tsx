import { useEffect, useRef } from 'react'
import { useTab } from '../../store/context.ts'
import type { PortRef } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { explainPorts, isLinked } from '../links/connection-fit.ts'
import { useConnectionFrom } from '../links/connection-store.ts'
import styles from './connection-hint.module.css'
import { useConnectionTarget } from './flow-adapter.ts'

/** Explains next to the pointer whether the drawn link would work. */
export function ConnectionHint() {
  const from = useConnectionFrom()
  return from ? <Follower from={from} /> : null
}

/** Follows the pointer without rendering again. */
function Follower({ from }: { readonly from: PortRef }) {
  const to = useConnectionTarget()
  const removes = isLinked(useTab(), from)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const follow = ({ clientX, clientY }: PointerEvent) => {
      if (box.current) box.current.style.transform = `translate(${clientX + 16}px, ${clientY + 16}px)`
    }
    addEventListener('pointermove', follow)
    return () => removeEventListener('pointermove', follow)
  }, [])
  return (
    <div ref={box} className={styles.follower} role="status">
      {to && to.side !== from.side && <Hint from={from} to={to} />}
      {!to && removes && <p className={styles.hint}>{t('canvas.link.letGo')}</p>}
    </div>
  )
}

function Hint({ from, to }: { readonly from: PortRef; readonly to: PortRef }) {
  const { fits, short, fix } = explainPorts(useTab(), from, to)
  return (
    <p className={styles.hint} data-fits={fits || undefined}>
      <strong>{short}</strong>
      {fix && <span>{fix}</span>}
    </p>
  )
}
