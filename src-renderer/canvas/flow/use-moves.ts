import type { NodeChange } from '@xyflow/react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useTab } from '../../store/context.ts'
import type { ItemKey, Point } from '../../store/graph.ts'
import { setDropLink } from '../links/drop-link.ts'
import type { FlowItem } from '../view/flow-types.ts'
import { beginDrag, type Drag, dragTo, drop, linkFor, type Positions } from './drag.ts'

/** Moves items with the pointer. The document changes only at the end of the drag. */
export function useMoves() {
  const tab = useTab()
  const [moving, setMoving] = useState<Positions>()
  const drag = useRef<Drag | 'given up'>(undefined)
  const latest = useRef<Positions>(undefined)

  const show = useCallback(
    (next: Positions | undefined) => {
      latest.current = next
      setMoving(next)
      const [only] = next?.size === 1 ? next : []
      setDropLink(only && linkFor(tab, ...only))
    },
    [tab],
  )

  const onStart = useCallback(
    (dragged: readonly FlowItem[], copies: boolean) => {
      const keys = dragged.map(({ id }) => id)
      drag.current = beginDrag(tab, keys, copies)
    },
    [tab],
  )

  const onMoved = useCallback(
    (changes: readonly NodeChange<FlowItem>[]) => {
      const moves = changes.filter((change) => change.type === 'position')
      if (moves.length === 0) return
      const places = new Map<ItemKey, Point>()
      for (const { id, position } of moves) if (position) places.set(id, [position.x, position.y])
      const held = drag.current
      if (moves.some(({ dragging }) => dragging)) {
        if (held && held !== 'given up') show(dragTo(tab, held, places))
        return
      }
      if (held && held !== 'given up' && latest.current) drop(tab, held, latest.current)
      drag.current = undefined
      show(undefined)
    },
    [tab, show],
  )

  const isMoving = moving !== undefined
  useEffect(() => {
    if (!isMoving) return
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      drag.current = 'given up'
      show(undefined)
    }
    addEventListener('keydown', onKeyDown, true)
    return () => removeEventListener('keydown', onKeyDown, true)
  }, [isMoving, show])

  return { moving, onStart, onMoved }
}
