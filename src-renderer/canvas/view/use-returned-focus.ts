import { useEffect, useState } from 'react'
import { focusCanvas } from './viewport.ts'

/** On unmount, returns the focus to the element that had it, or else to the canvas, unless it has moved on. */
export function useReturnedFocus(): void {
  const [before] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      if (document.activeElement !== document.body) return
      if (before instanceof HTMLElement && before !== document.body && before.isConnected) {
        before.focus({ preventScroll: true })
      } else focusCanvas()
    },
    [before],
  )
}
