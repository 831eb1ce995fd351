import { type PointerEvent, useCallback, useEffect, useRef } from 'react'
import { t } from '../../strings/t.ts'
import type { FlowItem } from '../view/flow-types.ts'
import { centreAt } from '../view/viewport.ts'
import { type Seen, useSeenPart } from './flow-adapter.ts'
import styles from './minimap.module.css'
import { type MapView, mapView, paintMap } from './paint-map.ts'

const width = 192
const height = 128

/** A map of the whole canvas. A click or drag moves the viewport. */
export function Minimap({ items }: { readonly items: readonly FlowItem[] }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const seen = useRef<Seen>(undefined)
  const shown = useRef(items)
  const view = useRef<MapView>(undefined)
  /** Keeps the map's scale during a drag. */
  const held = useRef(false)
  const frame = useRef(0)

  const paint = useCallback(() => {
    cancelAnimationFrame(frame.current)
    frame.current = requestAnimationFrame(() => {
      if (!canvas.current || !seen.current) return
      if (!held.current || !view.current) view.current = mapView(shown.current, seen.current, width, height)
      paintMap(canvas.current, shown.current, seen.current, view.current)
    })
  }, [])
  const see = useCallback(
    (part: Seen) => {
      seen.current = part
      paint()
    },
    [paint],
  )
  useSeenPart(see)
  useEffect(() => {
    shown.current = items
    paint()
  }, [items, paint])
  useEffect(() => {
    const themes = new MutationObserver(paint)
    themes.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] })
    return () => {
      themes.disconnect()
      cancelAnimationFrame(frame.current)
    }
  }, [paint])

  const goTo = (event: PointerEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    if (!view.current) return
    const { left, top, scale } = view.current
    centreAt([left + (event.clientX - box.left) / scale, top + (event.clientY - box.top) / scale])
  }
  return (
    <canvas
      ref={canvas}
      className={`${styles.minimap} nopan nowheel`}
      data-overlay
      width={width * 2}
      height={height * 2}
      role="img"
      aria-label={t('canvas.view.minimap')}
      onPointerDown={(event) => {
        held.current = true
        event.currentTarget.setPointerCapture(event.pointerId)
        goTo(event)
      }}
      onPointerMove={(event) => held.current && goTo(event)}
      onLostPointerCapture={() => {
        held.current = false
        paint()
      }}
    />
  )
}
