import sharp from 'sharp'
import { LoomError } from '#core/errors.ts'
import { maxSide } from '#core/plan/image-edit.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'

/**
 * Limit checked before decoding, against decompression bombs: a file of 2 kB can claim four thousand million pixels.
 */
const pixelLimit = maxSide * maxSide
/** Raster formats. Others are refused, because SVG can reference other files. */
const rasterFormats: ReadonlySet<string> = new Set(['png', 'jpeg', 'webp', 'gif', 'tiff', 'heif', 'avif', 'jp2k'])

/**
 * Size of a picture in pixels after rotation by EXIF, from its header alone.
 * @param picture its bytes, or its path
 * @param name its name in errors
 * @throws LoomError `parse`, `limit` or `unsupported`
 */
export function pictureSize(picture: Uint8Array | string, name: string): Promise<{ width: number; height: number }> {
  return reading(name, async () => {
    const { format, autoOrient } = await sharp(picture, { limitInputPixels: false }).metadata()
    const { width, height } = autoOrient
    if (!rasterFormats.has(format)) {
      throw new LoomError('unsupported', `${name} is ${format}, not a picture made of pixels.`, {
        hint: 'Save it as PNG, JPEG or WebP.',
      })
    }
    if (width * height > pixelLimit) {
      throw new LoomError('limit', `${name} has ${width} x ${height} pixels; ${pixelLimit} is the most.`, {
        hint: 'Make it smaller in an image editor.',
      })
    }
    return { width, height }
  })
}

/**
 * Reads a picture as `(1, 3, height, width)` in [0, 1]: rotated by EXIF, in sRGB, without its alpha channel.
 * @throws LoomError `parse`, `limit` or `unsupported`
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<FloatTensor> {
  await pictureSize(bytes, name)
  return reading(name, async () => {
    const { data, info } = await opened(bytes)
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return toPlanes(data, info.width, info.height, info.channels)
  })
}

/**
 * Reads the transparency of a picture as `(1, 1, height, width)`: 1 minus its alpha channel, or zeros if it has none.
 * @throws LoomError `parse`, `limit` or `unsupported`
 */
export async function decodeMask(bytes: Uint8Array, name: string): Promise<FloatTensor> {
  await pictureSize(bytes, name)
  return reading(name, async () => {
    const { data, info } = await opened(bytes)
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const { width, height, channels } = info
    const alpha = (_: unknown, i: number) => 1 - (data[(i + 1) * channels - 1] ?? 255) / 255
    return { data: Float32Array.from({ length: width * height }, alpha), shape: [1, 1, height, width] }
  })
}

/** Opens a picture, rotated by EXIF and in sRGB. Truncated pixels are an error. */
const opened = (bytes: Uint8Array) =>
  sharp(bytes, { limitInputPixels: pixelLimit, failOn: 'error' }).autoOrient().toColourspace('srgb')

/** The result of `read`. Errors of the image library become LoomErrors that name the picture. */
async function reading<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (cause instanceof LoomError) throw cause
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/[\s.:]+$/, '')
    throw new LoomError('parse', `${name} could not be read as a picture: ${reason}.`, {
      hint: 'Open it in an image editor and save it again as PNG.',
      cause,
    })
  }
}

/** Converts interleaved bytes to planes of floats. The single channel of a grey picture is used for all three. */
function toPlanes(pixels: Uint8Array, width: number, height: number, channels: number): FloatTensor {
  const plane = width * height
  const data = new Float32Array(3 * plane)
  for (let channel = 0; channel < 3; channel++) {
    const source = Math.min(channel, channels - 1)
    for (let i = 0; i < plane; i++) data[channel * plane + i] = (pixels[i * channels + source] ?? 0) / 255
  }
  return { data, shape: [1, 3, height, width] }
}
