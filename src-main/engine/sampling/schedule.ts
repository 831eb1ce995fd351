import { LoomError } from '#core/errors.ts'
import { TRAINING_STEPS } from '#core/plan/timesteps.ts'

const { fround } = Math

/**
 * The `scaled_linear` schedule of latent diffusion: the square roots of the betas are linear. Rounds to float32 where
 * PyTorch does, because the last sigma magnifies each rounding error a thousandfold.
 *
 * @returns `sqrt((1 - alpha_cumprod) / alpha_cumprod)` of each timestep, ascending.
 */
function scaledLinear(betaStart: number, betaEnd: number, timesteps: number): Float32Array {
  const sigmas = new Float32Array(timesteps)
  const start = fround(Math.sqrt(betaStart))
  const end = fround(Math.sqrt(betaEnd))
  const step = fround(fround(end - start) / (timesteps - 1))
  let product = 1
  for (let t = 0; t < timesteps; t++) {
    // torch.linspace counts from the nearer end
    const root = t < timesteps / 2 ? fround(start + step * t) : fround(end - step * (timesteps - 1 - t))
    product *= fround(1 - fround(root * root))
    const alpha = fround(product)
    sigmas[t] = Math.sqrt(fround(fround(1 - alpha) / alpha))
  }
  return sigmas
}

/** The schedule of SD1.x, SD2.x and SDXL. */
const sigmas = scaledLinear(0.00085, 0.012, TRAINING_STEPS)

/** Sigma of a timestep, interpolated linearly between whole ones; rounded to float32. */
export function sigmaAt(timestep: number): number {
  const low = Math.floor(timestep)
  const weight = timestep - low
  const sigma = at(sigmas, low)
  return weight === 0 ? sigma : fround(sigma + weight * (at(sigmas, low + 1) - sigma))
}

/** The timestep of a sigma, interpolated linearly in log sigma and clamped at the ends. */
export function timestepAt(sigma: number): number {
  let low = 0
  while (low < sigmas.length - 2 && at(sigmas, low + 1) <= sigma) low++
  const from = Math.log(at(sigmas, low))
  const weight = (Math.log(Math.max(sigma, 1e-10)) - from) / (Math.log(at(sigmas, low + 1)) - from)
  return low + Math.min(Math.max(weight, 0), 1)
}

/** The whole timestep with the nearest log sigma. */
export function nearestTimestep(sigma: number): number {
  const low = Math.min(Math.floor(timestepAt(sigma)), TRAINING_STEPS - 2)
  const middle = Math.sqrt(sigmaAt(low) * sigmaAt(low + 1))
  return sigma <= middle ? low : low + 1
}

/** Sigma of a timestep, with log sigma interpolated linearly between whole ones. */
export function logSigmaAt(timestep: number): number {
  const low = Math.min(Math.floor(timestep), TRAINING_STEPS - 2)
  return sigmaAt(low) * (sigmaAt(low + 1) / sigmaAt(low)) ** (timestep - low)
}

function at(table: Float32Array, timestep: number): number {
  const value = table[timestep]
  if (value !== undefined) return value
  throw new LoomError('range', `Timestep ${timestep} lies outside the training grid of ${table.length} timesteps.`, {
    input: 'steps',
    hint: 'Use fewer steps or a smaller steps offset.',
  })
}
