import type { FloatTensor } from '../runtime/values.ts'

/** How much each latent channel of SD1.x adds to red, green and blue: a linear fit to what its VAE decodes. */
const sd1Factors = [
  [0.3512, 0.2297, 0.3227],
  [0.325, 0.4974, 0.235],
  [-0.2829, 0.1762, 0.2721],
  [-0.212, -0.2616, -0.7177],
] as const

/** The first latent of a batch as a picture of an eighth of its size: 8-bit RGB, rows from the top. */
export function latentPreview({ data, shape }: FloatTensor): {
  width: number
  height: number
  rgb: Uint8Array<ArrayBuffer>
} {
  const [, , height = 0, width = 0] = shape
  const plane = width * height
  const rgb = new Uint8Array(3 * plane)
  for (let i = 0; i < plane; i++) {
    for (let colour = 0; colour < 3; colour++) {
      let level = 0
      for (let channel = 0; channel < sd1Factors.length; channel++) {
        level += (sd1Factors[channel]?.[colour] ?? 0) * (data[channel * plane + i] ?? 0)
      }
      rgb[3 * i + colour] = Math.max(0, Math.min(255, Math.round((level + 1) * 127.5)))
    }
  }
  return { width, height, rgb }
}
