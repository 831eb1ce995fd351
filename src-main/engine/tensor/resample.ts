import type { LatentScaling } from '#core/plan/latent-edit.ts'
import { type FloatTensor, zeros } from './float-tensor.ts'

/** The source pixels of a new pixel and their weights. */
type Taps = readonly (readonly [pixel: number, share: number])[]

/**
 * Scales `(batch, channels, height, width)` to a size in pixels, as PyTorch's `interpolate` without aligned corners
 * and antialiasing.
 */
export function resample(
  tensor: FloatTensor,
  { width, height }: { readonly width: number; readonly height: number },
  method: LatentScaling,
): FloatTensor {
  return alongAxis(alongAxis(tensor, 3, width, method), 2, height, method)
}

function alongAxis(tensor: FloatTensor, axis: 2 | 3, size: number, method: LatentScaling): FloatTensor {
  const from = tensor.shape[axis] ?? 0
  if (from === size) return tensor
  const taps = Array.from({ length: size }, (_, i) => tapsOf[method](((i + 0.5) * from) / size - 0.5, from))
  return method === 'bislerp' ? turning(tensor, axis, taps) : weighing(tensor, axis, taps)
}

const bilinear = (centre: number, size: number): Taps => {
  const at = Math.max(centre, 0)
  const pixel = Math.floor(at)
  return [
    [pixel, 1 - (at - pixel)],
    [Math.min(pixel + 1, size - 1), at - pixel],
  ]
}

/** Taps by the centre of the new pixel, in old pixels. */
const tapsOf: Record<LatentScaling, (centre: number, size: number) => Taps> = {
  nearest: (centre) => [[Math.floor(centre + 0.5), 1]],
  bilinear,
  bislerp: bilinear,
  bicubic: (centre, size) => {
    const pixel = Math.floor(centre)
    return [-1, 0, 1, 2].map((offset) => [
      Math.min(Math.max(pixel + offset, 0), size - 1),
      cubic(Math.abs(centre - pixel - offset)),
    ])
  },
}

/** Keys' cubic convolution kernel with a = -0.75, PyTorch's choice. */
function cubic(x: number): number {
  const a = -0.75
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1
  return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
}

function weighing({ data, shape }: FloatTensor, axis: 2 | 3, taps: readonly Taps[]): FloatTensor {
  const from = shape[axis] ?? 0
  const result = zeros(shape.with(axis, taps.length))
  const inner = axis === 2 ? (shape[3] ?? 0) : 1
  for (let outer = 0; outer < data.length / (from * inner); outer++) {
    for (const [i, pixels] of taps.entries()) {
      for (let k = 0; k < inner; k++) {
        let sum = 0
        for (const [pixel, share] of pixels) sum += share * (data[(outer * from + pixel) * inner + k] ?? 0)
        result.data[(outer * taps.length + i) * inner + k] = sum
      }
    }
  }
  return result
}

/** Interpolates channel vectors: their directions spherically, their lengths linearly. */
function turning({ data, shape }: FloatTensor, axis: 2 | 3, taps: readonly Taps[]): FloatTensor {
  const [batch = 0, channels = 0, height = 0, width = 0] = shape
  const result = zeros(shape.with(axis, taps.length))
  const across = axis === 2 ? width : height
  const place = (pixel: number, k: number, size: number) => (axis === 2 ? pixel * width + k : k * size + pixel)
  const vector = (picture: number, at: number) =>
    Float32Array.from({ length: channels }, (_, c) => data[(picture * channels + c) * height * width + at] ?? 0)
  for (let picture = 0; picture < batch; picture++) {
    for (const [i, [[a] = [0], [b, share] = [0, 0]]] of taps.entries()) {
      for (let k = 0; k < across; k++) {
        const mixed = slerp(vector(picture, place(a, k, width)), vector(picture, place(b, k, width)), share)
        const at = place(i, k, taps.length)
        for (const [c, value] of mixed.entries()) {
          result.data[(picture * channels + c) * across * taps.length + at] = value
        }
      }
    }
  }
  return result
}

/** Spherical interpolation. (Nearly) parallel and opposite vectors have no unique arc and are mixed linearly. */
function slerp(a: Float32Array, b: Float32Array, share: number): Float32Array {
  const [lengthA, lengthB] = [Math.hypot(...a), Math.hypot(...b)]
  const cosine = a.reduce((sum, value, c) => sum + value * (b[c] ?? 0), 0) / (lengthA * lengthB)
  if (!(Math.abs(cosine) < 1 - 1e-5)) return a.map((value, c) => value * (1 - share) + (b[c] ?? 0) * share)
  const angle = Math.acos(cosine)
  const length = lengthA * (1 - share) + lengthB * share
  const ofA = (length * Math.sin((1 - share) * angle)) / (Math.sin(angle) * lengthA)
  const ofB = (length * Math.sin(share * angle)) / (Math.sin(angle) * lengthB)
  return a.map((value, c) => ofA * value + ofB * (b[c] ?? 0))
}
