import { z } from 'zod'
import { type BaseFamily, baseFamilies } from '#core/families/families.ts'
import { vaeScaleFactor } from '#core/families/family.ts'
import type { Prediction } from '#core/families/training.ts'
import type { Distillation } from '#core/types/distilled.ts'

interface Model {
  readonly family: BaseFamily
  readonly prediction: Prediction
  readonly metadata: ReadonlyMap<string, string>
  readonly method: Distillation | undefined
  /** The UNet's `config.json` in a folder of diffusers. */
  readonly config: unknown
}

/**
 * The side of a model's training pictures in pixels; of rectangular ones, that of the square of the same area. What the
 * file says comes first. Undefined for a Turbo of a family of another size that says nothing: SD-Turbo and SDXL-Turbo
 * were trained on 512 x 512 (arXiv 2311.17042), but much that is called Turbo keeps the size of its family.
 */
export function pictureSizeOf({ family, prediction, metadata, method, config }: Model): number | undefined {
  const usual = baseFamilies[family].pictureSize[prediction]
  const unsure = method === 'turbo' && usual !== turboSize
  return sideOf(metadata.get('modelspec.resolution')) ?? sideInConfig(config) ?? (unsure ? undefined : usual)
}

const turboSize = 512

/** Smallest and largest side that is believed. */
const plausible = { min: 64, max: 8192 } as const

/** The side of "1024x1024". Undefined if the text says no size. */
function sideOf(resolution = ''): number | undefined {
  const [, width, height] = /^\s*(\d{1,5})\s*(?:[x×]\s*(\d{1,5})\s*)?$/i.exec(resolution) ?? []
  return plausibleSide(Number(width) * Number(height ?? width))
}

/** Height and width in latent pixels, or the side of a square. */
const unetConfig = z.object({ sample_size: z.union([z.number().int(), z.tuple([z.number().int(), z.number().int()])]) })

function sideInConfig(config: unknown): number | undefined {
  const { data } = unetConfig.safeParse(config)
  if (!data) return undefined
  const [height, width] = [data.sample_size, data.sample_size].flat()
  return plausibleSide((height ?? 0) * (width ?? 0) * vaeScaleFactor ** 2)
}

/** The side of a square of this area. Undefined if nobody trains on such pictures. */
function plausibleSide(area: number): number | undefined {
  const side = Math.round(Math.sqrt(area) / vaeScaleFactor) * vaeScaleFactor
  return side >= plausible.min && side <= plausible.max ? side : undefined
}
