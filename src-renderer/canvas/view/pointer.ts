import type { Point } from '../../store/graph.ts'
import { flowPointOf } from './viewport.ts'

/** Position of the pointer on the page, while it is over the canvas. */
let pointer: { readonly x: number; readonly y: number } | undefined

export function followPointer({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): void {
  pointer = { x: clientX, y: clientY }
}

export function losePointer(): void {
  pointer = undefined
}

/** Position of the pointer on the canvas, while it is over it. */
export const pointedPlace = (): Point | undefined => pointer && flowPointOf(pointer)
