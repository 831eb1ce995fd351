import { mix } from '../tensor/linear.ts'
import { entry } from './grid.ts'
import type { NoiseLevel } from './level.ts'
import type { Advance } from './solver.ts'

/**
 * Weights of the slopes in one step, latest first.
 * @param sigmas of the steps whose slopes are available, latest first; one per weight
 */
export type Weights = (sigmas: readonly number[], to: number) => readonly number[]

interface Method {
  /** Maximum number of slopes per step. */
  readonly order: number
  readonly weights: Weights
  /** Whether the last step, to sigma 0, uses the method too. Otherwise it goes to the clean latent. */
  readonly throughEnd?: boolean
}

/**
 * Adams-Bashforth methods: the step is a weighted sum of the latest slopes `(latent - denoised) / sigma`. The methods
 * differ in the polynomial through the slopes.
 */
export function linearMultistep(
  levels: readonly NoiseLevel[],
  { order, weights, throughEnd = false }: Method,
): Advance {
  let slopes: Float32Array[] = []
  return async (latent, { index, from, to }, { denoise }) => {
    const denoised = await denoise(latent, from.sigma)
    const slope = mix([1 / from.sigma, latent], [-1 / from.sigma, denoised])
    slopes = [slope, ...(index === 0 ? [] : slopes)].slice(0, order)
    if (to.sigma === 0 && !throughEnd) return { next: denoised, denoised }
    const sigmas = slopes.map((_, i) => entry(levels, index - i).sigma)
    const terms = weights(sigmas, to.sigma).map((weight, i) => [weight, entry(slopes, i)] as const)
    return { next: mix([1, latent], ...terms), denoised }
  }
}

/** The Lagrange basis polynomial: 1 at the point of index `one` and 0 at the others. */
export function lagrange(points: readonly number[], one: number): (x: number) => number {
  const at = entry(points, one)
  return (x) => points.reduce((product, point, i) => (i === one ? product : (product * (x - point)) / (at - point)), 1)
}
