import type { LoomError } from '../errors.ts'
import { type Size, UNKNOWN } from '../types/types.ts'
import { changedSize, cropFault, type PixelSize, sideFault } from './sizes.ts'

/** Maximum side of a picture in pixels. */
export const maxSide = 16_384

/** Interpolation between pixels. When scaling down, all except `nearest` average over the skipped pixels. */
export type ImageScaling = 'nearest' | 'area' | 'linear' | 'cubic' | 'mitchell' | 'lanczos3'

export interface Padding {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** An edit of every picture of a batch, as data. Lengths are in pixels. */
export type ImageEdit =
  /** `fit` keeps the proportions within the size. `crop` fills the size and trims. A side of 0 follows the other. */
  | {
      readonly kind: 'scale'
      readonly width: number
      readonly height: number
      readonly proportions: 'stretch' | 'fit' | 'crop'
      readonly method: ImageScaling
    }
  /** Keeps the proportions. A megapixel is 1024 x 1024. */
  | {
      readonly kind: 'scale-by'
      readonly measure: 'factor' | 'megapixels'
      readonly amount: number
      readonly method: ImageScaling
    }
  | {
      readonly kind: 'crop'
      readonly x: number
      readonly y: number
      readonly width: number
      readonly height: number
    }
  /** Adds mid-grey, or repeats the edge. */
  | ({ readonly kind: 'pad'; readonly fill: 'grey' | 'edge' } & Padding)
  /** Gaussian blur; `radius` is the standard deviation. */
  | { readonly kind: 'blur'; readonly radius: number }
  /** Adds `amount` times the difference to the blurred picture. */
  | { readonly kind: 'sharpen'; readonly radius: number; readonly amount: number }
  | { readonly kind: 'invert' }
  /** `count` pictures of the batch from `index` (counted from 0). */
  | { readonly kind: 'pick'; readonly index: number; readonly count: number }

export type ImageEditOf<K extends ImageEdit['kind']> = Extract<ImageEdit, { kind: K }>

/** Both sides times a ratio, at least one pixel. */
const scaled = ({ width, height }: PixelSize, by: number): PixelSize => ({
  width: Math.max(1, Math.round(width * by)),
  height: Math.max(1, Math.round(height * by)),
})

/** The largest ratio at which a picture fits into a size. A side of 0 is no limit. */
function fitting({ width, height }: PixelSize, into: PixelSize): number {
  const ratios = [into.width / width, into.height / height].filter((ratio) => ratio !== 0)
  return ratios.length === 0 ? 1 : Math.min(...ratios)
}

const same = (_edit: ImageEdit, size: PixelSize): PixelSize => size

const sizes: { readonly [K in ImageEdit['kind']]: (edit: ImageEditOf<K>, size: PixelSize) => PixelSize } = {
  scale: ({ width, height, proportions }, size) =>
    width > 0 && height > 0 && proportions !== 'fit'
      ? { width, height }
      : scaled(size, fitting(size, { width, height })),
  'scale-by': ({ measure, amount }, size) =>
    scaled(size, measure === 'factor' ? amount : Math.sqrt((amount * 1024 ** 2) / (size.width * size.height))),
  crop: ({ width, height }) => ({ width, height }),
  pad: ({ left, top, right, bottom }, { width, height }) => ({
    width: left + width + right,
    height: top + height + bottom,
  }),
  blur: same,
  sharpen: same,
  invert: same,
  pick: same,
}

const sizeOf = <K extends ImageEdit['kind']>(kind: K, edit: ImageEditOf<K>, size: PixelSize): PixelSize =>
  sizes[kind](edit, size)

/** The size of a picture after an edit. */
export function editedSize(edit: ImageEdit, size: PixelSize): PixelSize {
  return sizeOf(edit.kind, edit, size)
}

/** `editedSize` before the run. An unknown side or edit gives an unknown result. */
export function inferredSize(edit: ImageEdit | undefined, size: Size): Size {
  return edit ? changedSize(size, (known) => editedSize(edit, known)) : { width: UNKNOWN, height: UNKNOWN }
}

/** The error of an edit that this size does not allow. Undefined if it is allowed or too little is known. */
export function editFault(edit: ImageEdit | undefined, size: Size): LoomError | undefined {
  if (edit?.kind === 'crop') return cropFault(edit, size, 'picture')
  return sideFault(inferredSize(edit, size), maxSide, 'picture', 'image')
}
