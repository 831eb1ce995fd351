import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'

/** Below this zoom, nodes are plain boxes. */
export const detailZoom = 0.5

/** Milliseconds per frame for changing the level of detail of nodes. */
const budget = 8

const closeness = createStore(() => ({ near: true }))

/** Sets whether the zoom is large enough to read. Nodes follow over several frames. */
export const setNear = (near: boolean): void => {
  if (closeness.getState().near !== near) closeness.setState({ near })
}

const waiting = new Set<() => void>()

function work(): void {
  const end = performance.now() + budget
  for (const task of waiting) {
    waiting.delete(task)
    flushSync(task)
    if (performance.now() > end) break
  }
  if (waiting.size > 0) requestAnimationFrame(work)
}

/** Spreads tasks over several frames, so that hundreds of new nodes do not block the page. */
function inTurn(task: () => void): () => void {
  if (waiting.size === 0) requestAnimationFrame(work)
  waiting.add(task)
  return () => waiting.delete(task)
}

/** Whether a node shows its details. Changes a moment after the zoom. */
export function useDetail(): boolean {
  const near = useStore(closeness, (state) => state.near)
  const [detailed, setDetailed] = useState(false)
  useEffect(() => (near === detailed ? undefined : inTurn(() => setDetailed(near))), [near, detailed])
  return detailed
}
