import type { Padding } from './image-edit.ts'

/** The part of a picture that becomes a mask, for every picture of a batch. */
export type MaskSource =
  | { readonly kind: 'channel'; readonly channel: 'red' | 'green' | 'blue' | 'brightness' }
  /** 1 in the padding around the picture, falling to 0 over `feather` pixels inside the picture. */
  | ({ readonly kind: 'padding'; readonly feather: number } & Padding)

/** An edit of a mask, as data. Lengths are in pixels. */
export type MaskEdit =
  | { readonly kind: 'invert' }
  /** 1 at and above `level`, 0 below. */
  | { readonly kind: 'threshold'; readonly level: number }
  /** Dilates with a disc. A negative number erodes. */
  | { readonly kind: 'grow'; readonly by: number }
  /** Gaussian blur; `radius` is the standard deviation. */
  | { readonly kind: 'blur'; readonly radius: number }

export type MaskEditOf<K extends MaskEdit['kind']> = Extract<MaskEdit, { kind: K }>

/** The operation that combines two masks. */
export type MaskCombination = 'add' | 'subtract' | 'multiply' | 'and' | 'or' | 'xor'
