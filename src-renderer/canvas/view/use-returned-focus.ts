import { useEffect, useState } from 'react'
import { focusCanvas } from './viewport.ts'

/** Gives the focus back to what had it, else to the canvas, when the component goes and nothing else has taken it. */
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
