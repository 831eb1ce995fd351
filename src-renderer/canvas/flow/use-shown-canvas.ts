import type { OnInit } from '@xyflow/react'
import { useCallback, useEffect, useRef } from 'react'
import type { FlowItem, FlowLink } from '../view/flow-types.ts'
import { fitOptions, showCanvas } from '../view/viewport.ts'

/**
 * Registers the canvas as the one that is shown, so that the rest of the page can control it.
 * @param fit fits everything into view first
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
