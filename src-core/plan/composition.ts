/** Blend mode of a layer, as defined in W3C Compositing and Blending. */
export type BlendMode = 'normal' | 'multiply' | 'screen' | 'overlay' | 'soft-light' | 'difference'

/** A layer on a picture: the position of its corner in pixels, and its appearance. */
export interface Composition {
  readonly x: number
  readonly y: number
  readonly mode: BlendMode
  /** From 0 (invisible) to 1. */
  readonly opacity: number
}
