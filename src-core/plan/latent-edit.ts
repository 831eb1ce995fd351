import type { LoomError } from '../errors.ts'
import { vaeScaleFactor } from '../families/family.ts'
import { type Size, UNKNOWN } from '../types/types.ts'
import { changedSize, cropFault, type PixelSize, sideFault } from './sizes.ts'

/** How values between pixels are found; as PyTorch's `interpolate` of the same name, but `bislerp`. */
export type LatentScaling =
  /** PyTorch's `nearest-exact`. */
  | 'nearest'
  | 'bilinear'
  | 'bicubic'
  /** Between neighbours the direction over the channels turns and the length fades, so that contrast is kept. */
  | 'bislerp'

export type LatentTurn = 'flip-horizontal' | 'flip-vertical' | 'rotate-90' | 'rotate-180' | 'rotate-270'

/** What is made of one latent, as data. Places and sizes are in pixels of the picture, multiples of 8. */
export type LatentEdit =
  | { readonly kind: 'scale'; readonly by: number; readonly method: LatentScaling }
  | { readonly kind: 'resize'; readonly width: number; readonly height: number; readonly method: LatentScaling }
  | { readonly kind: 'crop'; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  /** Rotations are clockwise. */
  | { readonly kind: 'turn'; readonly turn: LatentTurn }
  | { readonly kind: 'repeat'; readonly count: number }
  /** Pictures of a batch, the first at `index`, counted from 0. */
  | { readonly kind: 'pick'; readonly index: number; readonly count: number }

/** What is made of two latents, as data. */
export type LatentCombination =
  /** The second lies on the first, its corner at (x, y), fading over `feather` pixels at edges within the first. */
  | { readonly kind: 'composite'; readonly x: number; readonly y: number; readonly feather: number }
  /** `amount` is the share of the second, from 0 to 1. */
  | { readonly kind: 'blend'; readonly amount: number }
  /** One batch, the first's pictures before the second's. */
  | { readonly kind: 'join' }

/** Pixels that a side of a latent's picture has at most. */
export const maxLatentSide = 8192

export type LatentEditOf<K extends LatentEdit['kind']> = Extract<LatentEdit, { kind: K }>

const same = (_edit: LatentEdit, size: PixelSize): PixelSize => size

/** A side of whole pixels of the latent; no side vanishes. */
const scaled = (side: number, by: number): number =>
  Math.max(1, Math.round((side / vaeScaleFactor) * by)) * vaeScaleFactor

const sizes: { readonly [K in LatentEdit['kind']]: (edit: LatentEditOf<K>, size: PixelSize) => PixelSize } = {
  scale: ({ by }, { width, height }) => ({ width: scaled(width, by), height: scaled(height, by) }),
  resize: ({ width, height }) => ({ width, height }),
  crop: ({ width, height }) => ({ width, height }),
  turn: ({ turn }, { width, height }) =>
    turn === 'rotate-90' || turn === 'rotate-270' ? { width: height, height: width } : { width, height },
  repeat: same,
  pick: same,
}

const sizeOf = <K extends LatentEdit['kind']>(kind: K, edit: LatentEditOf<K>, size: PixelSize): PixelSize =>
  sizes[kind](edit, size)

/** The size of a latent's picture after an edit, in pixels. */
export function editedLatentSize(edit: LatentEdit, size: PixelSize): PixelSize {
  return sizeOf(edit.kind, edit, size)
}

/** The same of what is known before the run; unknown for an edit that is not known. */
export function inferredLatentSize(edit: LatentEdit | undefined, size: Size): Size {
  return edit ? changedSize(size, (known) => editedLatentSize(edit, known)) : { width: UNKNOWN, height: UNKNOWN }
}

/** Why a latent of this size cannot be edited so; undefined when it can, or when too little is known. */
export function latentEditFault(edit: LatentEdit | undefined, size: Size): LoomError | undefined {
  if (edit?.kind === 'crop') return cropFault(edit, size, 'latent')
  return sideFault(inferredLatentSize(edit, size), maxLatentSide, 'latent', 'latent')
}
