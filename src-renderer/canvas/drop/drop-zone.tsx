import type { ReactNode } from 'react'
import { useTab } from '../../store/context.ts'
import { followPointer, losePointer } from '../view/pointer.ts'
import { DropHint } from './drop-hint.tsx'
import { DropQuestion } from './drop-question.tsx'
import styles from './drop-zone.module.css'
import { useCanvasDrop } from './use-canvas-drop.ts'
import { useClipboard } from './use-clipboard.ts'

/** Adds drag and drop, copy and paste to the canvas. */
export function DropZone({ children }: { readonly children: ReactNode }) {
  const tab = useTab()
  const { hint, handlers } = useCanvasDrop(tab)
  useClipboard(tab)
  return (
    <div className={styles.zone} {...handlers} onPointerMove={followPointer} onPointerLeave={losePointer}>
      {children}
      {hint && <DropHint {...hint} />}
      <DropQuestion />
    </div>
  )
}
