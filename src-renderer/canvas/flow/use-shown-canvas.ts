import type { OnInit } from '@xyflow/react'
import { useCallback, useEffect, useRef } from 'react'
import type { FlowItem, FlowLink } from '../view/flow-types.ts'
import { fitOptions, showCanvas } from '../view/viewport.ts'

/**
 * Makes the canvas the one that the rest of the page moves and asks, for as long as it is there.
 * @param fit shows everything at first
 */
export function useShownCanvas(fit: boolean) {
  const canvas = useRef<HTMLDivElement>(null)
  const leave = useRef<() => void>(undefined)
  const fits = useRef(fit)
  const onInit = useCallback<OnInit<FlowItem, FlowLink>>(async (instance) => {
    const element = canvas.current
    if (!element) return
    leave.current = showCanvas({ instance, element })
    if (fits.current && instance.getNodes().length > 0) await instance.fitView(fitOptions)
    element.dataset.ready = ''
  }, [])
  useEffect(() => () => leave.current?.(), [])
  return { canvas, onInit }
}
