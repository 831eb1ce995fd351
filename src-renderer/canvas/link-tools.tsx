import { CircleDot, TriangleAlert, Unlink, X } from 'lucide-react'
import { useState } from 'react'
import type { LoomError } from '#core/errors.ts'
import { disconnect } from '../commands/links.ts'
import { commitTo, useLevel, useTab } from '../store/context.ts'
import type { LinkEnd, Point } from '../store/graph.ts'
import type { PortRef } from '../store/ui.ts'
import { t } from '../strings/t.ts'
import { addVia } from './add-via.ts'
import { explainPorts } from './connection-fit.ts'
import { FixButtons } from './fix-buttons.tsx'
import type { LinkCurve } from './link-curve.ts'
import styles from './link-tools.module.css'

interface LinkToolsProps {
  readonly end: LinkEnd
  readonly output: PortRef
  readonly curve: LinkCurve
  readonly via: readonly Point[]
  /** Middle of the line. */
  readonly at: Point
  readonly selected: boolean
  readonly problem: LoomError | undefined
}

/** What can be done with a link, in its middle; of a wrong one also why it is wrong, and the way out. */
export function LinkTools({ end, output, curve, via, at: [x, y], selected, problem }: LinkToolsProps) {
  const tab = useTab()
  const level = useLevel()
  const [open, setOpen] = useState(false)
  const workflow = () => tab.document.getState().workflow
  const addPoint = () => commitTo(tab, addVia(workflow(), level, end, via, curve, [x, y]))
  return (
    <div
      className={`${styles.tools} nodrag nopan nowheel`}
      style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
    >
      {problem && (
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
      )}
      {selected && (
        <>
          <button
            type="button"
            className={styles.tool}
            aria-label={t('canvas.link.addPoint')}
            title={t('canvas.link.addPoint')}
            onClick={addPoint}
          >
            <CircleDot size={14} aria-hidden />
          </button>
          <button
            type="button"
            className={styles.tool}
            aria-label={t('canvas.link.remove')}
            title={t('canvas.link.remove')}
            onClick={() => commitTo(tab, disconnect(workflow(), level, [end]))}
          >
            <Unlink size={14} aria-hidden />
          </button>
        </>
      )}
      {open && problem && (
        <div className={styles.why} role="dialog" aria-label={t('canvas.link.wrong')}>
          <Why problem={problem} output={output} end={end} />
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
    </div>
  )
}

function Why({
  problem,
  output,
  end,
}: {
  readonly problem: LoomError
  readonly output: PortRef
  readonly end: LinkEnd
}) {
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
