import type { ImageScaling } from '#core/plan/image-edit.ts'
import type { PixelSize } from '#core/plan/sizes.ts'
import type { FloatTensor } from './float-tensor.ts'

/** A resampling filter: the weight of a value by its distance, 0 beyond `support`. */
interface Kernel {
  readonly support: number
  weight(distance: number): number
}

/** The sources of one new value along an axis: the old values from `start` on, with their weights. */
interface Taps {
  readonly start: number
  readonly shares: Float64Array
}

/**
 * Scales `(batch, channels, height, width)` by Pillow's rules: corners are not aligned; when it reduces, the kernel
 * grows with the ratio, so that no pixel is skipped; at edges the weights are normalised over the existing pixels.
 * Computes in float32. libvips would round to 16 bits, and when it enlarges shift by half a pixel and use bicubic for
 * Lanczos.
 */
export function scale(tensor: FloatTensor, size: PixelSize, method: ImageScaling): FloatTensor {
  const [, , height = 0, width = 0] = tensor.shape
  const sideways = width === size.width ? tensor : alongRows(tensor, tapsOf(width, size.width, kernels[method]))
  return height === size.height ? sideways : alongColumns(sideways, tapsOf(height, size.height, kernels[method]))
}

/** Convolves every plane with a Gaussian of standard deviation `radius` pixels, cut off at three deviations. */
export function blur(tensor: FloatTensor, radius: number): FloatTensor {
  if (radius === 0) return tensor
  const [, , height = 0, width = 0] = tensor.shape
  const gaussian = {
    support: Math.ceil(3 * radius) + 0.5,
    weight: (x: number) => Math.exp(-(x * x) / (2 * radius * radius)),
  }
  return alongColumns(alongRows(tensor, tapsOf(width, width, gaussian)), tapsOf(height, height, gaussian))
}

const kernels: Record<ImageScaling, Kernel> = {
  nearest: { support: 0, weight: () => 1 },
  area: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  linear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  // Catmull-Rom
  cubic: { support: 2, weight: bicubic(0, 0.5) },
  mitchell: { support: 2, weight: bicubic(1 / 3, 1 / 3) },
  lanczos3: { support: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
}

/** The cubics of Mitchell and Netravali, "Reconstruction filters in computer graphics", 1988, equation 8. */
function bicubic(b: number, c: number): (distance: number) => number {
  return (distance) => {
    const x = Math.abs(distance)
    if (x < 1) return ((12 - 9 * b - 6 * c) * x ** 3 + (-18 + 12 * b + 6 * c) * x ** 2 + 6 - 2 * b) / 6
    if (x < 2) return ((-b - 6 * c) * x ** 3 + (6 * b + 30 * c) * x ** 2 + (-12 * b - 48 * c) * x + 8 * b + 24 * c) / 6
    return 0
  }
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

function tapsOf(from: number, to: number, kernel: Kernel): Taps[] {
  const ratio = from / to
  const stretch = Math.max(1, ratio)
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * ratio
    if (kernel.support === 0) return { start: Math.floor(centre), shares: Float64Array.of(1) }
    const start = Math.max(0, Math.floor(centre - kernel.support * stretch + 0.5))
    const end = Math.min(from, Math.floor(centre + kernel.support * stretch + 0.5))
    const weights = Float64Array.from({ length: end - start }, (_, tap) =>
      kernel.weight((start + tap + 0.5 - centre) / stretch),
    )
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return { start, shares: weights.map((weight) => weight / sum) }
  })
}

function alongRows({ data, shape }: FloatTensor, taps: readonly Taps[]): FloatTensor {
  const [batch = 0, channels = 0, height = 0, width = 0] = shape
  const result = new Float32Array(batch * channels * height * taps.length)
  for (let row = 0, at = 0; row < batch * channels * height; row++) {
    for (const { start, shares } of taps) {
      let sum = 0
      for (let tap = 0; tap < shares.length; tap++) sum += (shares[tap] ?? 0) * (data[row * width + start + tap] ?? 0)
      result[at++] = sum
    }
  }
  return { data: result, shape: [batch, channels, height, taps.length] }
}

/** Resamples along columns, row by row for sequential memory access. */
function alongColumns({ data, shape }: FloatTensor, taps: readonly Taps[]): FloatTensor {
  const [batch = 0, channels = 0, height = 0, width = 0] = shape
  const result = new Float32Array(batch * channels * taps.length * width)
  const sums = new Float64Array(width)
  for (let plane = 0; plane < batch * channels; plane++) {
    for (const [row, { start, shares }] of taps.entries()) {
      sums.fill(0)
      for (const [tap, share] of shares.entries()) {
        const line = (plane * height + start + tap) * width
        for (let x = 0; x < width; x++) sums[x] = (sums[x] ?? 0) + share * (data[line + x] ?? 0)
      }
      result.set(sums, (plane * taps.length + row) * width)
    }
  }
  return { data: result, shape: [batch, channels, taps.length, width] }
}
