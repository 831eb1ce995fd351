/** How a layer changes the colours below it, as the W3C's Compositing and Blending has them. */
export type BlendMode = 'normal' | 'multiply' | 'screen' | 'overlay' | 'soft-light' | 'difference'

/** A layer on a picture: its corner, in pixels, and how it shows. */
export interface Composition {
  readonly x: number
  readonly y: number
  readonly mode: BlendMode
  /** From 0, unseen, to 1. */
  readonly opacity: number
}
