/** SDXL's size and crop conditioning, in pixels (arXiv 2307.01952, section 2.2); what is left out is as the picture is drawn. */
export interface SizeConditioning {
  readonly originalHeight?: number
  readonly originalWidth?: number
  readonly cropTop?: number
  readonly cropLeft?: number
  readonly targetHeight?: number
  readonly targetWidth?: number
}

/** A rectangle of the picture, as shares of its width and height. */
export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What is made of one conditioning, as data; it holds for each of its parts. */
export type ConditioningEdit =
  /** `strength` multiplies how much it counts beside others. */
  | { readonly kind: 'area'; readonly area: Area; readonly strength: number }
  /** Shares of the run, from 0 (pure noise) to 1. */
  | { readonly kind: 'range'; readonly start: number; readonly end: number }
  | { readonly kind: 'size'; readonly size: SizeConditioning }
  /** Context and pooled text of zeros: nothing is said. */
  | { readonly kind: 'zero' }

/** What is made of two conditionings, as data. */
export type ConditioningCombination =
  /** Both hold; where they overlap, predictions are averaged. */
  | { readonly kind: 'combine' }
  /** `amount` is the share of the second, from 0 to 1. */
  | { readonly kind: 'average'; readonly amount: number }
  /** The second's tokens behind the first's. */
  | { readonly kind: 'concat' }

/** How a prompt's brackets weigh, and by whose rules the weights are applied. */
export type Emphasis = 'comfy' | 'a1111'
