import { LoomError } from '#core/errors.ts'

/** The noise levels that a model was trained on, one for each training timestep. */
interface NoiseSchedule {
  /** Share of the signal's variance that is left at each timestep; falls from almost 1 to almost 0. */
  readonly alphasCumprod: Float32Array
  /** `sqrt((1 - alpha_cumprod) / alpha_cumprod)` of each timestep; rises. */
  readonly sigmas: Float32Array
}

const { fround } = Math

/**
 * The `scaled_linear` schedule of latent diffusion: the square roots of the betas lie on a line. Rounded to float32
 * where PyTorch rounds, for the last sigma shows each rounding multiplied by 1000.
 */
function scaledLinear(betaStart: number, betaEnd: number, timesteps: number): NoiseSchedule {
  const alphasCumprod = new Float32Array(timesteps)
  const sigmas = new Float32Array(timesteps)
  const start = fround(Math.sqrt(betaStart))
  const end = fround(Math.sqrt(betaEnd))
  const step = fround(fround(end - start) / (timesteps - 1))
  let product = 1
  for (let t = 0; t < timesteps; t++) {
    // torch.linspace counts from the nearer end.
    const root = t < timesteps / 2 ? fround(start + step * t) : fround(end - step * (timesteps - 1 - t))
    product *= fround(1 - fround(root * root))
    const alpha = fround(product)
    alphasCumprod[t] = alpha
    sigmas[t] = Math.sqrt(fround(fround(1 - alpha) / alpha))
  }
  return { alphasCumprod, sigmas }
}

/** Number of timesteps that the models were trained with. */
export const TRAINING_STEPS = 1000

/** The schedule of SD1.x, SD2.x and SDXL. */
const noiseSchedule: NoiseSchedule = scaledLinear(0.00085, 0.012, TRAINING_STEPS)

/** `alpha_cumprod` of a whole timestep of the training grid. */
export function alphaCumprodAt(timestep: number): number {
  return at(noiseSchedule.alphasCumprod, timestep)
}

/** Sigma of a timestep, linear between whole ones; rounded to float32. */
export function sigmaAt(timestep: number): number {
  const low = Math.floor(timestep)
  const weight = timestep - low
  const sigma = at(noiseSchedule.sigmas, low)
  return weight === 0 ? sigma : fround(sigma + weight * (at(noiseSchedule.sigmas, low + 1) - sigma))
}

/** The timestep of a sigma, linear in its logarithm between whole ones and held at the ends. */
export function timestepAt(sigma: number): number {
  const { sigmas } = noiseSchedule
  let low = 0
  while (low < sigmas.length - 2 && at(sigmas, low + 1) <= sigma) low++
  const from = Math.log(at(sigmas, low))
  const weight = (Math.log(Math.max(sigma, 1e-10)) - from) / (Math.log(at(sigmas, low + 1)) - from)
  return low + Math.min(Math.max(weight, 0), 1)
}

/** Falling noise levels between the training grid's ends, dense where sigma is small; arXiv 2206.00364, equation 5, rho 7. */
export function karrasSigmas(steps: number): number[] {
  const rho = 7
  const first = at(noiseSchedule.sigmas, TRAINING_STEPS - 1) ** (1 / rho)
  const last = at(noiseSchedule.sigmas, 0) ** (1 / rho)
  return Array.from({ length: steps }, (_, i) =>
    fround((first + (steps === 1 ? 0 : i / (steps - 1)) * (last - first)) ** rho),
  )
}

function at(table: Float32Array, timestep: number): number {
  const value = table[timestep]
  if (value !== undefined) return value
  throw new LoomError('range', `Timestep ${timestep} lies outside the training grid of ${table.length} timesteps.`, {
    input: 'steps',
    hint: 'Use fewer steps or a smaller steps offset.',
  })
}
