import { entry } from './grid.ts'
import { combine, scale } from './linear.ts'
import type { Prediction, Solver } from './solver.ts'

/** A noise level: a noisy latent is `alpha x0 + sigma epsilon`. */
export interface NoiseLevel {
  readonly alpha: number
  readonly sigma: number
  /** `sqrt(alpha^2 + sigma^2)`: the network sees the latent divided by it. */
  readonly norm: number
}

/** The level at which the latent keeps its variance: LCM, DDIM and DPM-Solver work there. */
export function variancePreserving(alphaCumprod: number): NoiseLevel {
  return { alpha: Math.sqrt(alphaCumprod), sigma: Math.sqrt(1 - alphaCumprod), norm: 1 }
}

/** The level at which noise is added to the latent as it is: the Euler solvers work there. */
export function varianceExploding(sigma: number): NoiseLevel {
  return { alpha: 1, sigma, norm: Math.sqrt(sigma * sigma + 1) }
}

/** Weights of the latent and of the network's output in the clean latent. */
const denoiseWeights: Record<Prediction, (level: NoiseLevel) => readonly [latent: number, output: number]> = {
  epsilon: ({ alpha, sigma }) => [1 / alpha, -sigma / alpha],
  v_prediction: ({ alpha, sigma, norm }) => [alpha / norm ** 2, -sigma / norm],
  sample: () => [0, 1],
}

/** The clean latent that the network's output stands for. */
export function denoise(
  prediction: Prediction,
  modelOutput: Float32Array,
  level: NoiseLevel,
  latent: Float32Array,
): Float32Array {
  const [ofLatent, ofOutput] = denoiseWeights[prediction](level)
  return combine(ofLatent, latent, ofOutput, modelOutput)
}

/** What every solver does alike, given the level of each step. */
export function atLevels(levels: readonly NoiseLevel[]): Pick<Solver, 'scaleInput' | 'addNoise'> {
  return {
    scaleInput(latent, step) {
      const { norm } = entry(levels, step)
      return norm === 1 ? latent : scale(1 / norm, latent)
    },
    addNoise(latent, noise) {
      const { alpha, sigma } = entry(levels, 0)
      return combine(alpha, latent, sigma, noise)
    },
  }
}
