import { mix } from '../../tensor/linear.ts'
import { entry } from '../grid.ts'
import { moveAlong } from '../level.ts'
import type { Update } from '../solver.ts'

type Term = readonly [weight: number, vector: Float32Array]

/** A predicted clean latent, and its lambda = -log sigma. */
interface Guess {
  readonly denoised: Float32Array
  readonly lambda: number
}

/** Sigma at the end of the last step in ComfyUI, whose formulas divide by sigma. */
const lastInComfy = 0.001

/**
 * UniPC on clean latents (arXiv 2302.04867, Algorithms 1 to 3): the prediction of a step also corrects the previous
 * step, without another run of the network. The order falls to 1 towards both ends.
 */
export const unipc: Update<'unipc'> = ({ order, variant, convention }, levels) => {
  const end = convention === 'comfy' ? lastInComfy : 0
  let guesses: Guess[] = []
  let last: { readonly latent: Float32Array; readonly order: number } | undefined
  return async (latent, { index, from, to }, { denoise }) => {
    if (index === 0) [guesses, last] = [[], undefined]
    const denoised = await denoise(latent, from.sigma)
    const guess = { denoised, lambda: -Math.log(from.sigma) }
    const corrected = last
      ? mix(...update(last.latent, guesses.slice(0, last.order), guess.lambda, variant, guess))
      : latent
    guesses = [guess, ...guesses].slice(0, order)
    last = { latent: corrected, order: Math.min(order, guesses.length, levels.length - 1 - index) }
    if (to.sigma === 0) return { next: moveAlong(corrected, denoised, from.sigma, end), denoised }
    return {
      next: mix(...update(corrected, guesses.slice(0, last.order), -Math.log(to.sigma), variant)),
      denoised,
    }
  }
}

/**
 * The latent at `lambda`, from the latest prediction's: an exponential step of first order, plus differences of the
 * predictions for higher orders.
 * @param beyond the prediction at `lambda` itself, for the corrector
 */
function update(
  latent: Float32Array,
  guesses: readonly Guess[],
  lambda: number,
  variant: 'bh1' | 'bh2',
  beyond?: Guess,
): readonly Term[] {
  const now = entry(guesses, 0)
  const others = [...guesses.slice(1), ...(beyond ? [beyond] : [])]
  const h = lambda - now.lambda
  const first = Math.expm1(-h)
  const scale = variant === 'bh1' ? -h : first
  const distances = others.map((other) => (other.lambda - now.lambda) / h)
  const weights = differenceWeights(distances, h, scale)
  const differences = others.flatMap(({ denoised }, i): Term[] => {
    const weight = (-scale * (weights[i] ?? 0)) / (distances[i] ?? 1)
    return [
      [weight, denoised],
      [-weight, now.denoised],
    ]
  })
  return [[Math.exp(-h), latent], [-first, now.denoised], ...differences]
}

/** The `rho` of arXiv 2302.04867, equation 5. For a single difference it is 1/2, the authors' simplification. */
function differenceWeights(distances: readonly number[], h: number, scale: number): readonly number[] {
  if (distances.length <= 1) return distances.map(() => 0.5)
  let phi = Math.expm1(-h) / -h - 1
  let factorial = 1
  const rows = distances.map((_, power) => {
    const row = [...distances.map((distance) => distance ** power), (phi * factorial) / scale]
    factorial *= power + 2
    phi = phi / -h - 1 / factorial
    return row
  })
  return solve(rows)
}

/** Gauss-Jordan elimination. Each row ends with its right-hand side. */
function solve(rows: readonly (readonly number[])[]): readonly number[] {
  const system = rows.map((row) => [...row])
  system.forEach((pivot, i) => {
    const divisor = pivot[i] ?? 1
    for (const [j, value] of pivot.entries()) pivot[j] = value / divisor
    for (const row of system) {
      const factor = row === pivot ? 0 : (row[i] ?? 0)
      for (const [j, value] of pivot.entries()) row[j] = (row[j] ?? 0) - factor * value
    }
  })
  return system.map((row) => row.at(-1) ?? 0)
}
