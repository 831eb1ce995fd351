import type { Point } from '../../store/graph.ts'
import { flowPointOf } from './viewport.ts'

/** Where the pointer is on the page while it is over the canvas. */
let pointer: { readonly x: number; readonly y: number } | undefined

export function followPointer({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): void {
  pointer = { x: clientX, y: clientY }
}

export function losePointer(): void {
  pointer = undefined
}

/** The place below the pointer, while it is over the canvas. */
export const pointedPlace = (): Point | undefined => pointer && flowPointOf(pointer)
