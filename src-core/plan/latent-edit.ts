import type { LoomError } from '../errors.ts'
import { vaeScaleFactor } from '../families/family.ts'
import { type Size, UNKNOWN } from '../types/types.ts'
import { changedSize, cropFault, type PixelSize, sideFault } from './sizes.ts'

/** Interpolation between pixels. Each mode except `bislerp` equals PyTorch's `interpolate` mode of that name. */
export type LatentScaling =
  /** PyTorch's `nearest-exact`. */
  | 'nearest'
  | 'bilinear'
  | 'bicubic'
  /** Spherical interpolation of the channel vector: direction and length separately, which preserves contrast. */
  | 'bislerp'

export type LatentTurn = 'flip-horizontal' | 'flip-vertical' | 'rotate-90' | 'rotate-180' | 'rotate-270'

/** An edit of a latent, as data. Positions and sizes are in pixels of the picture, in multiples of 8. */
export type LatentEdit =
  | { readonly kind: 'scale'; readonly by: number; readonly method: LatentScaling }
  | { readonly kind: 'resize'; readonly width: number; readonly height: number; readonly method: LatentScaling }
  | { readonly kind: 'crop'; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  /** Rotations are clockwise. */
  | { readonly kind: 'turn'; readonly turn: LatentTurn }
  | { readonly kind: 'repeat'; readonly count: number }
  /** `count` pictures of the batch from `index` (counted from 0). */
  | { readonly kind: 'pick'; readonly index: number; readonly count: number }

/** A combination of two latents, as data. */
export type LatentCombination =
  /** Puts the second on the first with its corner at (x, y). Edges inside the first fade over `feather` pixels. */
  | { readonly kind: 'composite'; readonly x: number; readonly y: number; readonly feather: number }
  /** `amount` is the share of the second, from 0 to 1. */
  | { readonly kind: 'blend'; readonly amount: number }
  /** One batch: the pictures of the first, then those of the second. */
  | { readonly kind: 'join' }

/** Maximum side of a latent's picture in pixels. */
export const maxLatentSide = 8192

export type LatentEditOf<K extends LatentEdit['kind']> = Extract<LatentEdit, { kind: K }>

const same = (_edit: LatentEdit, size: PixelSize): PixelSize => size

/** Scales a side and rounds it to whole latent pixels, at least one. */
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

/** The size of a latent's picture after an edit. */
export function editedLatentSize(edit: LatentEdit, size: PixelSize): PixelSize {
  return sizeOf(edit.kind, edit, size)
}

/** `editedLatentSize` before the run. An unknown side or edit gives an unknown result. */
export function inferredLatentSize(edit: LatentEdit | undefined, size: Size): Size {
  return edit ? changedSize(size, (known) => editedLatentSize(edit, known)) : { width: UNKNOWN, height: UNKNOWN }
}

/** The error of an edit that this size does not allow. Undefined if it is allowed or too little is known. */
export function latentEditFault(edit: LatentEdit | undefined, size: Size): LoomError | undefined {
  if (edit?.kind === 'crop') return cropFault(edit, size, 'latent')
  return sideFault(inferredLatentSize(edit, size), maxLatentSide, 'latent', 'latent')
}
