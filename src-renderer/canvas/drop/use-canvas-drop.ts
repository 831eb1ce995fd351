import { type DragEvent, useMemo, useState } from 'react'
import type { Tab } from '../../store/workspace.ts'
import { showError } from '../../ui/notices.ts'
import { flowPointOf } from '../view/viewport.ts'
import { dropFiles } from './drop-files.ts'
import { type DropContent, filesIn, hintOf, holdsFiles } from './transfer.ts'

/** Event handlers for files that are dragged over the canvas and dropped. */
export function useCanvasDrop(tab: Tab) {
  const [hint, setHint] = useState<DropContent>()
  const handlers = useMemo(() => {
    const over = (event: DragEvent): void => {
      if (!holdsFiles(event.dataTransfer)) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'copy'
      if (event.dataTransfer.types.includes('Files')) setHint((known) => known ?? hintOf(event.dataTransfer))
    }
    return {
      onDragEnter: over,
      onDragOver: over,
      onDragLeave: (event: DragEvent): void => {
        const inside = event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)
        if (!inside) setHint(undefined)
      },
      onDrop: (event: DragEvent): void => {
        setHint(undefined)
        if (!holdsFiles(event.dataTransfer)) return
        event.preventDefault()
        const { files, problems } = filesIn(event.dataTransfer)
        for (const problem of problems) showError(problem)
        const at = flowPointOf({ x: event.clientX, y: event.clientY })
        if (files.length > 0) dropFiles(tab, files, at).catch(showError)
      },
    }
  }, [tab])
  return { hint, handlers }
}
