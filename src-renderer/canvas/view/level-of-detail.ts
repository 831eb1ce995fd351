import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'

/** Below this zoom nodes are plain boxes. */
export const detailZoom = 0.5

/** Time that nodes may take of a frame to change their looks, in milliseconds. */
const budget = 8

const closeness = createStore(() => ({ near: true }))

/** Says how near the canvas is; nodes follow in turn. */
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

/** Runs tasks a few in each frame, so that hundreds of nodes that come into view hold nothing up. */
function inTurn(task: () => void): () => void {
  if (waiting.size === 0) requestAnimationFrame(work)
  waiting.add(task)
  return () => waiting.delete(task)
}

/** Whether a node shows all that it has: a moment after it came near enough. */
export function useDetail(): boolean {
  const near = useStore(closeness, (state) => state.near)
  const [detailed, setDetailed] = useState(false)
  useEffect(() => (near === detailed ? undefined : inTurn(() => setDetailed(near))), [near, detailed])
  return detailed
}
