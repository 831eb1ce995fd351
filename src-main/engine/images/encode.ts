import sharp from 'sharp'
import { insertPngTexts } from '#core/formats/png.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'

/** 8-bit RGB, interleaved, rows from the top. */
export interface Pixels {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/**
 * One picture of a batch `(batch, 3, height, width)` in [0, 1], rounded to the nearest of 256 levels, as in diffusers.
 */
export function toPixels({ data, shape }: FloatTensor, index: number): Pixels {
  const [, , height = 0, width = 0] = shape
  const plane = width * height
  const pixels = new Uint8Array(3 * plane)
  for (let channel = 0; channel < 3; channel++) {
    const start = (index * 3 + channel) * plane
    for (let i = 0; i < plane; i++) pixels[3 * i + channel] = Math.round(255 * (data[start + i] ?? 0))
  }
  return { data: pixels, width, height }
}

/** A PNG file with text chunks. */
export async function encodePng(pixels: Pixels, texts: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const { data, width, height } = pixels
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 6 })
    .toBuffer()
  return insertPngTexts(png, texts)
}
