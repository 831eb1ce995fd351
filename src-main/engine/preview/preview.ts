import { LoomError } from '#core/errors.ts'
import type { BaseFamily } from '#core/families/families.ts'
import { type RgbFactors, vaeScaleFactor } from '#core/families/family.ts'
import { toErrorData } from '#core/protocol/error-data.ts'
import type { RunningStep } from '../runtime/executor.ts'
import { type FloatTensor, planeSize } from '../tensor/float-tensor.ts'
import type { FittedFactors } from './fitted-factors.ts'
import type { PreviewDecoders } from './preview-decoders.ts'
import { shrink } from './rgb-factors.ts'

/** Longest side of a preview in pixels. */
const longest = 512

/** Preview settings of a run. */
export interface PreviewSettings {
  readonly previews: boolean
  /** Colours of previews without a decoder. */
  readonly rgbFactors: FittedFactors
  /** Decoders, if decoded previews are requested. */
  readonly previewDecoders?: PreviewDecoders | undefined
}

type PreviewContext = PreviewSettings & Pick<RunningStep, 'emit' | 'signal'> & Parameters<PreviewDecoders['of']>[1]

/** 8-bit RGB, rows from the top. */
interface Preview {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array<ArrayBuffer>
}

/**
 * Creates the preview function of a run. It decodes with a tiny autoencoder if one is requested and present, and
 * otherwise uses the RGB factors.
 * @param vae identity of the checkpoint whose VAE will decode the latents
 */
export async function createPreviewer(
  context: PreviewContext,
  { family, vae }: { readonly family: BaseFamily; readonly vae: string | undefined },
): Promise<(latent: FloatTensor) => Promise<Preview>> {
  const factors = await context.rgbFactors.of(vae, family)
  const coloured = async (latent: FloatTensor) => latentPreview(latent, factors)
  if (!context.previews || !context.previewDecoders) return coloured
  try {
    const decoder = await context.previewDecoders.of(family, context)
    return async (latent) => {
      const { image } = await decoder.run({ latent: firstOf(latent) }, context.signal)
      return image ? picturePreview(image, latent) : coloured(latent)
    }
  } catch (error) {
    if (!(error instanceof LoomError)) throw error
    // a missing preview must not end the run
    context.emit({ type: 'warning', error: toErrorData(error) })
    return coloured
  }
}

/** The first latent of a batch as a picture with one pixel per latent pixel. */
export function latentPreview({ data, shape }: FloatTensor, factors: RgbFactors): Preview {
  const [, channels = 0, height = 0, width = 0] = shape
  const plane = width * height
  const always = factors.at(-1) ?? []
  return rgbOf(width, height, (i, colour) => {
    let level = always[colour] ?? 0
    for (let channel = 0; channel < channels; channel++) {
      level += (factors[channel]?.[colour] ?? 0) * (data[channel * plane + i] ?? 0)
    }
    return level
  })
}

/** A decoded latent, scaled down by an integer if it is larger than a preview. */
function picturePreview(image: FloatTensor, latent: FloatTensor): Preview {
  const latentSize = planeSize(latent)
  const scale = Math.max(
    1,
    Math.min(vaeScaleFactor, 2 ** Math.floor(Math.log2(longest / Math.max(latentSize.width, latentSize.height)))),
  )
  const { data, shape } = shrink(image, [1, 3, latentSize.height * scale, latentSize.width * scale])
  const [, , height = 0, width = 0] = shape
  return rgbOf(width, height, (i, colour) => data[colour * width * height + i] ?? 0)
}

function rgbOf(width: number, height: number, level: (pixel: number, colour: number) => number): Preview {
  const rgb = new Uint8Array(3 * width * height)
  for (let i = 0; i < rgb.length; i++) {
    rgb[i] = Math.max(0, Math.min(255, Math.round(level(Math.floor(i / 3), i % 3) * 255)))
  }
  return { width, height, rgb }
}

function firstOf({ data, shape: [batch = 1, ...rest] }: FloatTensor): FloatTensor {
  return { data: data.subarray(0, data.length / batch), shape: [1, ...rest] }
}
