/** SDXL's size and crop conditioning in pixels (arXiv 2307.01952, section 2.2). Default: the drawn picture's. */
export interface SizeConditioning {
  readonly originalHeight?: number
  readonly originalWidth?: number
  readonly cropTop?: number
  readonly cropLeft?: number
  readonly targetHeight?: number
  readonly targetWidth?: number
}

/** A rectangle in fractions of the picture's width and height. */
export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** An edit of a conditioning, as data. It applies to each part of the conditioning. */
export type ConditioningEdit =
  /** `strength` multiplies its weight relative to other conditionings. */
  | { readonly kind: 'area'; readonly area: Area; readonly strength: number }
  /** Fractions of the run, from 0 (pure noise) to 1. */
  | { readonly kind: 'range'; readonly start: number; readonly end: number }
  | { readonly kind: 'size'; readonly size: SizeConditioning }
  /** Sets context and pooled text to zeros. */
  | { readonly kind: 'zero' }

/** A combination of two conditionings, as data. */
export type ConditioningCombination =
  /** Both apply. Where they overlap, their predictions are averaged. */
  | { readonly kind: 'combine' }
  /** `amount` is the share of the second, from 0 to 1. */
  | { readonly kind: 'average'; readonly amount: number }
  /** The tokens of the first, then those of the second. */
  | { readonly kind: 'concat' }

/** The rules for weights in a prompt: their syntax and how they are applied. */
export type Emphasis = 'comfy' | 'a1111'
