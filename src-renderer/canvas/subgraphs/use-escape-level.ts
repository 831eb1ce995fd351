import { useEffect } from 'react'
import { useTab } from '../../store/context.ts'
import { contextMenu } from '../../store/context-menu.ts'
import { leaveSubgraph } from '../../store/levels.ts'
import { ui } from '../../store/ui.ts'
import { useConnectionFrom } from '../links/connection-store.ts'

/** Escape leaves the subgraph if nothing else handles it. */
export function useEscapeLevel(): void {
  const tab = useTab()
  const linking = useConnectionFrom() !== undefined
  useEffect(() => {
    // listen before all others, because they may clear the selection that decides what Escape does
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || linking || isTaken(event.target)) return
      const { selection, link, trail } = tab.view.getState()
      if (selection.size === 0 && !link && trail.length > 0) leaveSubgraph(tab)
    }
    addEventListener('keydown', onKeyDown, true)
    return () => removeEventListener('keydown', onKeyDown, true)
  }, [tab, linking])
}

/** Whether an overlay is open or a field has the focus. */
function isTaken(target: EventTarget | null): boolean {
  const { dialog, palette, search } = ui.getState()
  if (dialog || palette || search || contextMenu.getState().menu) return true
  return target instanceof Element && target.closest('input, textarea, select, [role="dialog"]') !== null
}
