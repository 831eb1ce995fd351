import { mix } from '../../tensor/linear.ts'
import { withNoise } from '../noising.ts'
import type { Advance } from '../solver.ts'

/** An earlier step: its length in log sigma, and its prediction of the clean latent. */
interface Made {
  readonly length: number
  readonly denoised: Float32Array
}

/** SDE-DPM-Solver++ of third order in the three latest predictions (arXiv 2211.01095, section 5). */
export function dpmpp3mSde(): Advance {
  let history: readonly Made[] = []
  return async (latent, { index, from, to }, tools) => {
    const denoised = await tools.denoise(latent, from.sigma)
    if (to.sigma === 0) return { next: denoised, denoised }
    const now = { length: Math.log(from.sigma / to.sigma), denoised }
    const before = index === 0 ? [] : history
    history = [now, ...before].slice(0, 2)
    // the SDE goes twice as far as the ODE in log sigma, and fresh noise returns to the level
    const kept = (to.sigma / from.sigma) ** 2
    const guess = mix([kept, latent], [1 - kept, denoised])
    const next = before.length === 0 ? guess : mix([1, guess], [1, correction(now, before)])
    return { next: withNoise(next, to.sigma * Math.sqrt(1 - kept), tools), denoised }
  }
}

/** The terms of second and third order, from the first two derivatives of the clean latent. */
function correction(now: Made, [one, two]: readonly Made[]): Float32Array {
  if (!one) return new Float32Array(now.denoised.length)
  const way = 2 * now.length
  // phi functions of the exponential integrator
  const phi2 = Math.expm1(-way) / way + 1
  const phi3 = phi2 / way - 0.5
  const slope = slopeOf(now.denoised, one, now.length)
  if (!two) return mix([phi2, slope])
  const older = slopeOf(one.denoised, two, now.length)
  const bend = (phi2 * one.length - phi3 * now.length) / (one.length + two.length)
  return mix([phi2 + bend, slope], [-bend, older])
}

/** The change of the clean latent over a step, scaled to a step of another length. */
function slopeOf(denoised: Float32Array, before: Made, length: number): Float32Array {
  const share = length / before.length
  return mix([share, denoised], [-share, before.denoised])
}
