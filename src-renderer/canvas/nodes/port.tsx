import { Handle, Position } from '@xyflow/react'
import { type KeyboardEvent, type MouseEvent, memo } from 'react'
import { describe } from '#core/types/describe.ts'
import { disconnect } from '../../commands/links.ts'
import { commitTo, useLevel, useTab } from '../../store/context.ts'
import { openDialog, type PortRef } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { PortShape } from '../../ui/port-shape.tsx'
import { portKey, typeOfPort } from '../links/connection-fit.ts'
import { usePortMark } from '../links/connection-store.ts'
import type { PortSpot } from '../view/geometry.ts'
import styles from './port.module.css'

interface PortProps {
  readonly node: string
  readonly nodeTitle: string
  readonly side: PortRef['side']
  readonly spot: PortSpot
}

/** A port: its shape, a target of 24 pixels around it, and its keys. */
export const Port = memo(function Port({ node, nodeTitle, side, spot }: PortProps) {
  const tab = useTab()
  const level = useLevel()
  const { name, label, kind, linked, required } = spot
  const port: PortRef = { node, port: name, side }
  const mark = usePortMark(portKey(port))

  const onKeyDown = (event: KeyboardEvent) => {
    const connects = event.key === 'Enter' || event.key === 'c' || event.key === 'C'
    const removes = (event.key === 'Delete' || event.key === 'Backspace') && side === 'input' && linked
    if (event.ctrlKey || event.metaKey || event.altKey || !(connects || removes || event.key === ' ')) return
    event.preventDefault()
    event.stopPropagation()
    if (connects) openDialog({ kind: 'connect', from: port })
    else if (removes) commitTo(tab, disconnect(tab.document.getState().workflow, level, [{ node, input: name }]))
    else if (side === 'input' && linked) tab.view.setState({ link: { node, input: name }, selection: new Set() })
  }
  // set on hover, to avoid hundreds of descriptions
  const onMouseEnter = ({ currentTarget }: MouseEvent<HTMLElement>) => {
    currentTarget.title = `${label}: ${describe(typeOfPort(tab, port))}`
  }
  return (
    <Handle
      type={side === 'input' ? 'target' : 'source'}
      position={side === 'input' ? Position.Left : Position.Right}
      id={name}
      className={styles.port}
      style={{ top: spot.y }}
      role="button"
      tabIndex={0}
      aria-label={t(`canvas.node.${side}`, { port: label, node: nodeTitle })}
      aria-keyshortcuts="Enter"
      data-mark={mark}
      data-required={required && !linked ? '' : undefined}
      onKeyDown={onKeyDown}
      onMouseEnter={onMouseEnter}
    >
      <PortShape kind={kind} filled={linked} />
    </Handle>
  )
})
