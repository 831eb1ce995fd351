import { type ReactNode, useEffect, useRef } from 'react'
import { type PanZoom, panned, zoomed } from './pan-zoom.ts'
import styles from './viewer.module.css'

type ChangeView = (next: (view: PanZoom) => PanZoom) => void

interface Props {
  readonly view: PanZoom
  readonly change: ChangeView
  readonly label: string
  readonly children: ReactNode
}

/** A frame whose picture is zoomed by the wheel and moved by dragging. The dialog handles keys. */
export function Stage({ view, change, label, children }: Props) {
  const frame = useRef<HTMLElement>(null)
  useEffect(() => (frame.current ? handle(frame.current, change) : undefined), [change])
  return (
    <section ref={frame} className={styles.stage} aria-label={label}>
      <div
        className={styles.picture}
        style={{ transform: `translate(${view.x * 100}%, ${view.y * 100}%) scale(${view.scale})` }}
      >
        {children}
      </div>
    </section>
  )
}

/** Adds native listeners, because React's wheel listeners are passive and cannot stop the page from scrolling. */
function handle(frame: HTMLElement, change: ChangeView): () => void {
  const listeners = new AbortController()
  const options = { signal: listeners.signal, passive: false }
  const part = (x: number, y: number) => {
    const { width, height } = frame.getBoundingClientRect()
    return { x: x / width, y: y / height }
  }
  frame.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault()
      const { left, top } = frame.getBoundingClientRect()
      const { x, y } = part(event.clientX - left, event.clientY - top)
      change((view) => zoomed(view, Math.exp(-event.deltaY / 400), { x: x - 0.5, y: y - 0.5 }))
    },
    options,
  )
  frame.addEventListener('pointerdown', ({ pointerId }) => frame.setPointerCapture(pointerId), options)
  frame.addEventListener(
    'pointermove',
    ({ pointerId, movementX, movementY }) => {
      if (!frame.hasPointerCapture(pointerId)) return
      const { x, y } = part(movementX, movementY)
      change((view) => panned(view, x, y))
    },
    options,
  )
  return () => listeners.abort()
}
