import type { SigmaSchedule } from '#core/plan/scheduler.ts'
import { TRAINING_STEPS } from '#core/plan/timesteps.ts'
import { betaQuantile } from './beta.ts'
import { roundHalfToEven } from './grid.ts'
import type { NoiseSchedule } from './schedule.ts'

const LAST = TRAINING_STEPS - 1

/** `count` fractions from 0 to 1, both included. */
const shares = (count: number) => Array.from({ length: count }, (_, i) => (count === 1 ? 0 : i / (count - 1)))
/** `count` fractions from 0 to 1, without 1. */
const openShares = (count: number) => Array.from({ length: count }, (_, i) => i / count)

/** The sigmas of the first and of the last timestep. */
const endsOf = ({ sigmaAt }: NoiseSchedule) => ({ smallest: sigmaAt(0), largest: sigmaAt(LAST) })

/**
 * Descending sigmas of a run of `steps` steps, without the final 0. As in ComfyUI, `ddim_uniform` may return another
 * number of them, and `beta` fewer.
 */
export const sigmasOf: Record<SigmaSchedule, (steps: number, noise: NoiseSchedule) => number[]> = {
  simple: (steps, { sigmaAt }) => openShares(steps).map((share) => sigmaAt(LAST - Math.trunc(share * TRAINING_STEPS))),
  sgm_uniform: (steps, { logSigmaAt }) => openShares(steps).map((share) => logSigmaAt(LAST * (1 - share))),
  normal: (steps, { logSigmaAt }) => shares(steps).map((share) => logSigmaAt(LAST * (1 - share))),
  /** arXiv 2206.00364, equation 5, with rho 7: dense at small sigmas. */
  karras: (steps, noise) => {
    const rho = 7
    const { smallest, largest } = endsOf(noise)
    const [first, last] = [largest ** (1 / rho), smallest ** (1 / rho)]
    return shares(steps).map((share) => Math.fround((first + share * (last - first)) ** rho))
  },
  exponential: (steps, noise) => {
    const { smallest, largest } = endsOf(noise)
    return shares(steps).map((share) => largest * (smallest / largest) ** share)
  },
  ddim_uniform: (steps, { sigmaAt }) => {
    const stride = Math.max(Math.floor(TRAINING_STEPS / steps), 1)
    const count = Math.ceil(LAST / stride)
    return Array.from({ length: count }, (_, i) => sigmaAt(1 + (count - 1 - i) * stride))
  },
  /** Timesteps at quantiles of Beta(0.6, 0.6), dense at both ends, without duplicates. */
  beta: (steps, { sigmaAt }) => {
    const timesteps = openShares(steps).map((share) => roundHalfToEven(betaQuantile(1 - share, 0.6) * LAST))
    return [...new Set(timesteps)].map(sigmaAt)
  },
  /** Half of the steps linear, down to 97.5 %, the rest quadratic. */
  linear_quadratic: (steps, noise) => {
    const { largest } = endsOf(noise)
    const threshold = 0.025
    const linear = Math.floor(steps / 2)
    const quadratic = steps - linear
    const slope = linear === 0 ? 0 : threshold / linear
    const bend = linear === 0 ? 0 : (linear - threshold * steps) / (linear * quadratic ** 2)
    return Array.from({ length: steps }, (_, i) => {
      const beyond = Math.max(i - linear, 0)
      return largest * (1 - slope * i - bend * beyond ** 2)
    })
  },
  /** Linear in the arc tangent of sigma, which minimises the KL divergence (arXiv 2310.01957). */
  kl_optimal: (steps, noise) => {
    const { smallest, largest } = endsOf(noise)
    return shares(steps).map((share) => Math.tan((1 - share) * Math.atan(largest) + share * Math.atan(smallest)))
  },
}
