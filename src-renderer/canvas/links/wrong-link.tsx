import { TriangleAlert, X } from 'lucide-react'
import { useState } from 'react'
import type { LoomError } from '#core/errors.ts'
import { useTab } from '../../store/context.ts'
import type { LinkEnd } from '../../store/graph.ts'
import type { PortRef } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { FixButtons } from '../view/fix-buttons.tsx'
import { explainPorts } from './connection-fit.ts'
import styles from './link-tools.module.css'

interface WrongLinkProps {
  readonly end: LinkEnd
  readonly output: PortRef
  readonly problem: LoomError
}

/** Marks a wrong link. A click shows the reason and offers fixes. */
export function WrongLink({ end, output, problem }: WrongLinkProps) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className={styles.badge}
        aria-label={t('canvas.link.wrong')}
        aria-expanded={open}
        title={problem.message}
        onClick={() => setOpen(!open)}
      >
        <TriangleAlert size={14} aria-hidden />
      </button>
      {open && (
        <div className={styles.why} role="dialog" aria-label={t('canvas.link.wrong')}>
          <Why end={end} output={output} problem={problem} />
          <button
            type="button"
            className={styles.close}
            aria-label={t('canvas.link.close')}
            onClick={() => setOpen(false)}
          >
            <X size={14} aria-hidden />
          </button>
        </div>
      )}
    </>
  )
}

function Why({ end, output, problem }: WrongLinkProps) {
  const tab = useTab()
  const said = explainPorts(tab, output, { node: end.node, port: end.input, side: 'input' })
  return (
    <>
      <p>{said.fits ? problem.message : said.long}</p>
      <p className={styles.hint}>{said.fits ? problem.hint : said.fix}</p>
      <div className={styles.fixes}>
        <FixButtons node={end.node} input={end.input} problem={problem} most={4} />
      </div>
    </>
  )
}
