import { LoomError } from '#core/errors.ts'
import type { Betas } from '#core/families/training.ts'
import { TRAINING_STEPS } from '#core/plan/timesteps.ts'

const { fround } = Math

/** The noise levels of a training: sigma of each timestep, rising. */
export interface NoiseSchedule {
  /** The last timestep is noise alone. */
  readonly zeroSnr: boolean
  /** Sigma of a timestep, interpolated linearly between whole ones; rounded to float32. */
  sigmaAt(timestep: number): number
  /** The timestep of a sigma, interpolated linearly in log sigma and clamped at the ends. */
  timestepAt(sigma: number): number
  /** The whole timestep with the nearest log sigma. */
  nearestTimestep(sigma: number): number
  /** Sigma of a timestep, with log sigma interpolated linearly between whole ones. */
  logSigmaAt(timestep: number): number
}

/** The betas of SD1.x, SD2.x and SDXL. */
export const usualBetas: Betas = { curve: 'scaled_linear', start: 0.00085, end: 0.012 }

/**
 * The noise levels of these betas.
 * @param last the last alpha_cumprod for zero terminal SNR, in place of 0, whose sigma is infinite; absent: the betas'
 *   own last one
 */
export function noiseSchedule(betas: Betas = usualBetas, last?: number): NoiseSchedule {
  const alphas = alphasOf(last === undefined ? betasOf(betas) : withZeroSnr(betasOf(betas)))
  if (last !== undefined) alphas[alphas.length - 1] = last
  return lookup(
    alphas.map((alpha) => Math.sqrt(fround(fround(1 - alpha) / alpha))),
    last !== undefined,
  )
}

/**
 * The betas of a curve, rounded to float32 where PyTorch does, because the last sigma magnifies each rounding error a
 * thousandfold.
 */
export function betasOf(betas: Betas): Float32Array {
  switch (betas.curve) {
    case 'linear':
      return linspace(betas.start, betas.end)
    case 'scaled_linear':
      return linspace(Math.sqrt(betas.start), Math.sqrt(betas.end)).map((root) => root * root)
    case 'squaredcos_cap_v2':
      return Float32Array.from({ length: TRAINING_STEPS }, (_, t) =>
        Math.min(1 - cosine((t + 1) / TRAINING_STEPS) / cosine(t / TRAINING_STEPS), 0.999),
      )
    case 'trained':
      return Float32Array.from(betas.betas)
  }
}

/** Squared cosine of Improved DDPM (arXiv 2102.09672, equation 17). */
const cosine = (share: number) => Math.cos((((share + 0.008) / 1.008) * Math.PI) / 2) ** 2

/** Counts from the nearer end, like torch.linspace. */
function linspace(from: number, to: number): Float32Array {
  const [start, end] = [fround(from), fround(to)]
  const step = fround(fround(end - start) / (TRAINING_STEPS - 1))
  return Float32Array.from({ length: TRAINING_STEPS }, (_, t) =>
    t < TRAINING_STEPS / 2 ? start + step * t : end - step * (TRAINING_STEPS - 1 - t),
  )
}

/** Running products of `1 - beta`. */
function alphasOf(betas: Float32Array): Float32Array {
  let product = 1
  return betas.map((beta) => {
    product *= fround(1 - beta)
    return product
  })
}

/**
 * Shifts and scales the square roots of alpha_cumprod so that the last is 0 and the first stays (arXiv 2305.08891,
 * Algorithm 1).
 */
export function withZeroSnr(betas: Float32Array): Float32Array {
  const roots = alphasOf(betas).map(Math.sqrt)
  const [first = 1, last = 0] = [roots[0], roots.at(-1)]
  const scale = fround(first / fround(first - last))
  const alphas = roots.map((root) => fround(fround(root - last) * scale) ** 2)
  return alphas.map((alpha, t) => 1 - fround(alpha / (alphas[t - 1] ?? 1)))
}

function lookup(sigmas: Float32Array, zeroSnr: boolean): NoiseSchedule {
  const log = (timestep: number) => Math.log(at(sigmas, timestep))
  const sigmaAt = (timestep: number) => {
    const low = Math.floor(timestep)
    const weight = timestep - low
    const sigma = at(sigmas, low)
    return weight === 0 ? sigma : fround(sigma + weight * (at(sigmas, low + 1) - sigma))
  }
  const timestepAt = (sigma: number) => {
    let low = 0
    while (low < sigmas.length - 2 && at(sigmas, low + 1) <= sigma) low++
    const weight = (Math.log(Math.max(sigma, 1e-10)) - log(low)) / (log(low + 1) - log(low))
    return low + Math.min(Math.max(weight, 0), 1)
  }
  return {
    zeroSnr,
    sigmaAt,
    timestepAt,
    nearestTimestep(sigma) {
      const low = Math.min(Math.floor(timestepAt(sigma)), TRAINING_STEPS - 2)
      const middle = Math.sqrt(sigmaAt(low) * sigmaAt(low + 1))
      return sigma <= middle ? low : low + 1
    },
    logSigmaAt(timestep) {
      const low = Math.min(Math.floor(timestep), TRAINING_STEPS - 2)
      return sigmaAt(low) * (sigmaAt(low + 1) / sigmaAt(low)) ** (timestep - low)
    },
  }
}

function at(table: Float32Array, timestep: number): number {
  const value = table[timestep]
  if (value !== undefined) return value
  throw new LoomError('range', `Timestep ${timestep} lies outside the training grid of ${table.length} timesteps.`, {
    input: 'steps',
    hint: 'Use fewer steps or a smaller steps offset.',
  })
}
