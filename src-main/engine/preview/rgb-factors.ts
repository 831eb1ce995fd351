import type { RgbFactors } from '#core/families/family.ts'
import { TorchGenerator } from '../sampling/noise.ts'
import { type FloatTensor, zeros } from '../tensor/float-tensor.ts'

const colours = 3
/** Squares of constant value: enough to cover the colours, and large enough for a decoder to show each clearly. */
const squares = { each: 4, across: 8 }

/**
 * Fits the factors that best approximate a VAE's decoder: least squares over one decoded latent of random squares. It
 * generalises better than a drawn picture, which has few colours.
 * @param decode maps latents of `channels` channels, scaled as in samplers, to pictures in [0, 1]
 */
export async function fitRgbFactors(
  channels: number,
  decode: (latent: FloatTensor) => Promise<FloatTensor>,
): Promise<RgbFactors> {
  const latent = randomSquares(channels)
  const plane = latent.data.length / channels
  const means = shrink(await decode(latent), latent.shape)
  const sample = (index: number) => [
    ...Array.from({ length: channels }, (_, c) => latent.data[c * plane + index] ?? 0),
    1,
  ]
  const size = channels + 1
  // rows of the normal equations, followed by the three right-hand sides
  const system = Array.from({ length: size }, () => new Array<number>(size + colours).fill(0))
  for (let index = 0; index < plane; index++) {
    const values = sample(index)
    const known = [...values, ...Array.from({ length: colours }, (_, c) => means.data[c * plane + index] ?? 0)]
    system.forEach((row, i) => {
      for (let j = 0; j < row.length; j++) row[j] = (row[j] ?? 0) + (values[i] ?? 0) * (known[j] ?? 0)
    })
  }
  return solve(system)
}

function randomSquares(channels: number): FloatTensor {
  const { each, across } = squares
  const latent = zeros([1, channels, each * across, each * across])
  const values = new TorchGenerator(0n).randn([channels, across, across])
  const width = each * across
  for (let i = 0; i < latent.data.length; i++) {
    const [channel, row, column] = [Math.floor(i / width ** 2), Math.floor(i / width) % width, i % width]
    const square = Math.floor(row / each) * across + Math.floor(column / each)
    latent.data[i] = values[channel * across ** 2 + square] ?? 0
  }
  return latent
}

/** The first picture of a batch, averaged down to the size of a latent. */
export function shrink(image: FloatTensor, latentShape: readonly number[]): FloatTensor {
  const [, , rows = 1, columns = 1] = latentShape
  const [, , height = 0, width = 0] = image.shape
  const [tall, wide] = [height / rows, width / columns]
  const small = zeros([1, colours, rows, columns])
  for (let i = 0; i < colours * height * width; i++) {
    const [colour, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width]
    const at = (colour * rows + Math.floor(y / tall)) * columns + Math.floor(x / wide)
    small.data[at] = (small.data[at] ?? 0) + (image.data[i] ?? 0) / (tall * wide)
  }
  return small
}

/** Solves a positive definite system by Gauss-Jordan elimination. */
function solve(system: readonly number[][]): RgbFactors {
  system.forEach((pivot, i) => {
    const divisor = pivot[i] ?? 1
    for (let j = 0; j < pivot.length; j++) pivot[j] = (pivot[j] ?? 0) / divisor
    for (const row of system) {
      const factor = row === pivot ? 0 : (row[i] ?? 0)
      if (factor !== 0) for (let j = 0; j < row.length; j++) row[j] = (row[j] ?? 0) - factor * (pivot[j] ?? 0)
    }
  })
  return system.map((row) => row.slice(system.length))
}
