import type { KeyboardEvent, PointerEvent } from 'react'
import { gridSize } from '../../commands/grid.ts'
import { setVia } from '../../commands/links.ts'
import { commitTo, useLevel, useTab } from '../../store/context.ts'
import type { LinkEnd, Point } from '../../store/graph.ts'
import { t } from '../../strings/t.ts'
import { flowPointOf } from '../view/viewport.ts'
import { linkId } from './flow-links.ts'
import styles from './link-view.module.css'

interface LinkPointsProps {
  readonly end: LinkEnd
  readonly points: readonly Point[]
  /** Sets the points during a drag. Undefined: as in the document. */
  setMoved(points: readonly Point[] | undefined): void
}

const steps: Readonly<Record<string, Point>> = {
  ArrowLeft: [-gridSize, 0],
  ArrowRight: [gridSize, 0],
  ArrowUp: [0, -gridSize],
  ArrowDown: [0, gridSize],
}

/** The points of a link. Each can be dragged, or moved and removed by keys. */
export function LinkPoints({ end, points, setMoved }: LinkPointsProps) {
  const tab = useTab()
  const level = useLevel()
  const commit = (next: readonly Point[], group?: string) =>
    commitTo(tab, setVia(tab.document.getState().workflow, level, end, next, group))
  const without = (index: number) => points.filter((_, other) => other !== index)

  const onPointerMove = (index: number) => (event: PointerEvent<HTMLButtonElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) {
      setMoved(points.with(index, flowPointOf({ x: event.clientX, y: event.clientY })))
    }
  }
  const onKeyDown = (index: number) => (event: KeyboardEvent) => {
    const step = steps[event.key]
    const [x, y] = points[index] ?? [0, 0]
    if (step) commit(points.with(index, [x + step[0], y + step[1]]), `via ${linkId(end)} ${index}`)
    else if (event.key === 'Delete' || event.key === 'Backspace') commit(without(index))
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return points.map(([x, y], index) => (
    <button
      key={String(index)}
      type="button"
      className={`${styles.point} nodrag nopan`}
      style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
      aria-label={t('canvas.link.point', { count: index + 1 })}
      title={t('canvas.link.point', { count: index + 1 })}
      onPointerDown={(event) => event.button === 0 && event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove(index)}
      onLostPointerCapture={() => {
        commit(points)
        setMoved(undefined)
      }}
      onDoubleClick={() => commit(without(index))}
      onKeyDown={onKeyDown(index)}
    />
  ))
}
