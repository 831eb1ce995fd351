import { useEffect } from 'react'
import { ui } from '../store/ui.ts'

/** A page in which the canvas and two panels have no room beside each other, as at a browser zoom of 200 %. */
const narrow = '(width < 760px)'

/** In a narrow page, a panel that opens takes the place of the other. */
export function useRoomForPanels(): void {
  useEffect(() => {
    const page = matchMedia(narrow)
    const makeRoom = (closing: 'left' | 'right'): void => {
      const { left, right } = ui.getState()
      if (page.matches && left && right) ui.setState({ [closing]: undefined })
    }
    const onResize = () => makeRoom('left')
    onResize()
    page.addEventListener('change', onResize)
    const stop = ui.subscribe(({ left }, before) => makeRoom(left === before.left ? 'left' : 'right'))
    return () => {
      stop()
      page.removeEventListener('change', onResize)
    }
  }, [])
}
