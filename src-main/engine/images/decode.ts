import sharp from 'sharp'
import { LoomError } from '#core/errors.ts'
import type { FloatTensor } from '../runtime/values.ts'

/** Pixels that a picture may have before it is decoded: a bomb of 2 kB can claim four thousand million. */
const pixelLimit = 16_384 * 16_384
/** Formats whose content is pixels alone; SVG can name other files. */
const rasterFormats: ReadonlySet<string> = new Set(['png', 'jpeg', 'webp', 'gif', 'tiff', 'heif', 'avif', 'jp2k'])

/**
 * Reads a picture as `(1, 3, height, width)` in [0, 1]: upright, in sRGB, without its alpha channel.
 * @throws LoomError `parse`, `limit` or `unsupported`
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<FloatTensor> {
  const picture = sharp(bytes, { limitInputPixels: pixelLimit, failOn: 'error' })
  try {
    const { format } = await picture.metadata()
    if (!rasterFormats.has(format)) {
      throw new LoomError('unsupported', `${name} is ${format}, not a picture made of pixels.`, {
        hint: 'Save it as PNG, JPEG or WebP.',
      })
    }
    const { data, info } = await picture
      .autoOrient()
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return toPlanes(data, info.width, info.height, info.channels)
  } catch (cause) {
    if (cause instanceof LoomError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    const code = /pixel limit/i.test(reason) ? 'limit' : 'parse'
    throw new LoomError(code, `${name} could not be read as a picture: ${reason}.`, {
      hint: 'Open it in an image editor and save it again as PNG.',
      cause,
    })
  }
}

/** Interleaved bytes to planes of floats; a grey picture has one channel, which serves as all three. */
function toPlanes(pixels: Uint8Array, width: number, height: number, channels: number): FloatTensor {
  const plane = width * height
  const data = new Float32Array(3 * plane)
  for (let channel = 0; channel < 3; channel++) {
    const source = Math.min(channel, channels - 1)
    for (let i = 0; i < plane; i++) data[channel * plane + i] = (pixels[i * channels + source] ?? 0) / 255
  }
  return { data, shape: [1, 3, height, width] }
}
