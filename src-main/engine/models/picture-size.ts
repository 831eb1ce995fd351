import { type BaseFamily, baseFamilies } from '#core/families/families.ts'
import type { Prediction } from '#core/families/training.ts'
import type { Distillation } from '#core/types/distilled.ts'

/** Methods that trained their students on pictures of a size of their own. */
const studentSizes: Readonly<Partial<Record<Distillation, number>>> = {
  /** arXiv 2311.17042: SD-Turbo and SDXL-Turbo */
  turbo: 512,
}

interface Model {
  readonly family: BaseFamily
  readonly prediction: Prediction
  readonly metadata: ReadonlyMap<string, string>
  readonly method: Distillation | undefined
}

/**
 * The side of a model's training pictures in pixels; of rectangular ones, that of the square of the same area. What the
 * file says comes first.
 */
export function pictureSizeOf({ family, prediction, metadata, method }: Model): number {
  const told = sideOf(metadata.get('modelspec.resolution'))
  return told ?? (method && studentSizes[method]) ?? baseFamilies[family].pictureSize[prediction]
}

/** Smallest and largest side that is believed. */
const plausible = { min: 64, max: 8192 } as const

/** The side of "1024x1024". Undefined if the text says no size. */
function sideOf(resolution = ''): number | undefined {
  const [, width, height] = /^\s*(\d{1,5})\s*(?:[x×]\s*(\d{1,5})\s*)?$/i.exec(resolution) ?? []
  const side = Math.round(Math.sqrt(Number(width) * Number(height ?? width)) / 8) * 8
  return side >= plausible.min && side <= plausible.max ? side : undefined
}
