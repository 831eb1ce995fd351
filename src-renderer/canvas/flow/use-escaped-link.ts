import { useEffect } from 'react'
import { useConnectionFrom } from '../links/connection-store.ts'

/** Escape cancels the link that is drawn, and nothing else, wherever the focus is. */
export function useEscapedLink(cancel: () => void): void {
  const drawing = useConnectionFrom() !== undefined
  useEffect(() => {
    if (!drawing) return
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.preventDefault()
      event.stopPropagation()
      cancel()
    }
    addEventListener('keydown', onKeyDown, true)
    return () => removeEventListener('keydown', onKeyDown, true)
  }, [drawing, cancel])
}
