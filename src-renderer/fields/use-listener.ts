import { type RefObject, useEffect, useEffectEvent } from 'react'

/**
 * Listens to an event that React does not support or delivers too late to prevent: the wheel and the browser's undo.
 * @param active removes the listener if false
 */
export function useListener<E extends keyof HTMLElementEventMap>(
  element: RefObject<HTMLElement | null>,
  type: E,
  active: boolean,
  handle: (event: HTMLElementEventMap[E]) => void,
): void {
  const listen = useEffectEvent(handle)
  useEffect(() => {
    const target = element.current
    if (!target || !active) return
    const forward = (event: HTMLElementEventMap[E]) => listen(event)
    target.addEventListener(type, forward, { passive: false })
    return () => target.removeEventListener(type, forward)
  }, [element, type, active])
}
