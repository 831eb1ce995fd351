import { CircleDot, Unlink } from 'lucide-react'
import type { LoomError } from '#core/errors.ts'
import { disconnect } from '../../commands/links.ts'
import { commitTo, useLevel, useTab } from '../../store/context.ts'
import type { LinkEnd, Point } from '../../store/graph.ts'
import type { PortRef } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { addVia } from './add-via.ts'
import { curveMiddle, type LinkCurve } from './link-curve.ts'
import styles from './link-tools.module.css'
import { WrongLink } from './wrong-link.tsx'

interface LinkToolsProps {
  readonly end: LinkEnd
  readonly output: PortRef
  readonly curve: LinkCurve
  readonly via: readonly Point[]
  readonly selected: boolean
  readonly problem: LoomError | undefined
}

/** Controls in the middle of a link: its problem, if any, and the actions of a selected link. */
export function LinkTools({ end, output, curve, via, selected, problem }: LinkToolsProps) {
  const [x, y] = curveMiddle(curve)
  return (
    <div className={`${styles.tools} nodrag nopan nowheel`} style={{ transform: `translate(${x}px, ${y}px)` }}>
      {problem && <WrongLink end={end} output={output} problem={problem} />}
      {selected && <Choices end={end} curve={curve} via={via} />}
    </div>
  )
}

/** Placed beside the line, so that a double click on the line still adds a point. */
function Choices({ end, curve, via }: Pick<LinkToolsProps, 'end' | 'curve' | 'via'>) {
  const tab = useTab()
  const level = useLevel()
  const workflow = () => tab.document.getState().workflow
  const choices = [
    {
      key: 'addPoint',
      icon: CircleDot,
      onClick: () => commitTo(tab, addVia(workflow(), level, end, via, curve, curveMiddle(curve))),
    },
    { key: 'remove', icon: Unlink, onClick: () => commitTo(tab, disconnect(workflow(), level, [end])) },
  ] as const
  return (
    <div className={styles.choices}>
      {choices.map(({ key, icon: Icon, onClick }) => (
        <button
          key={key}
          type="button"
          className={styles.tool}
          aria-label={t(`canvas.link.${key}`)}
          title={t(`canvas.link.${key}`)}
          onClick={onClick}
        >
          <Icon size={14} aria-hidden />
        </button>
      ))}
    </div>
  )
}
