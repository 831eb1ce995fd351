import type { FloatTensor } from '../runtime/values.ts'
import type { RgbFactors } from './rgb-factors.ts'

/** The first latent of a batch as a picture, a pixel per value: 8-bit RGB, rows from the top. */
export function latentPreview(
  { data, shape }: FloatTensor,
  factors: RgbFactors,
): { width: number; height: number; rgb: Uint8Array<ArrayBuffer> } {
  const [, channels = 0, height = 0, width = 0] = shape
  const plane = width * height
  const rgb = new Uint8Array(3 * plane)
  const always = factors.at(-1) ?? []
  for (let i = 0; i < plane; i++) {
    for (let colour = 0; colour < 3; colour++) {
      let level = always[colour] ?? 0
      for (let channel = 0; channel < channels; channel++) {
        level += (factors[channel]?.[colour] ?? 0) * (data[channel * plane + i] ?? 0)
      }
      rgb[3 * i + colour] = Math.max(0, Math.min(255, Math.round(level * 255)))
    }
  }
  return { width, height, rgb }
}
