import type { Padding } from './image-edit.ts'

/** What a mask may be taken from, of every picture of a batch. */
export type MaskSource =
  | { readonly kind: 'channel'; readonly channel: 'red' | 'green' | 'blue' | 'brightness' }
  /** 1 where padding is added around the picture, falling to 0 over `feather` pixels within it. */
  | ({ readonly kind: 'padding'; readonly feather: number } & Padding)

/** What may become of a mask; lengths are in pixels. */
export type MaskEdit =
  | { readonly kind: 'invert' }
  /** 1 from `level` on, 0 below. */
  | { readonly kind: 'threshold'; readonly level: number }
  /** Further out at every edge, round at corners; a negative number shrinks. */
  | { readonly kind: 'grow'; readonly by: number }
  /** With a Gaussian; its standard deviation. */
  | { readonly kind: 'blur'; readonly radius: number }

export type MaskEditOf<K extends MaskEdit['kind']> = Extract<MaskEdit, { kind: K }>

/** How two masks become one. */
export type MaskCombination = 'add' | 'subtract' | 'multiply' | 'and' | 'or' | 'xor'
