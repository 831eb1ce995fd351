import { endAtTimestep0 } from '../end-at-timestep-0.ts'
import { lagrange, linearMultistep, type Weights } from '../linear-multistep.ts'
import type { Update } from '../solver.ts'

/** With fewer steps, diffusers makes the last step of first order. */
const FEW = 15

/** DEIS (arXiv 2204.13902): the polynomial through the slopes is in a measure of time other than sigma. */
export const deis: Update<'deis'> = ({ convention }, levels, noise) => {
  if (convention === 'comfy') return linearMultistep(levels, { order: 3, weights: euler(inVpTime) })
  const advance = linearMultistep(levels, { order: 2, weights: euler(inLogSigma) })
  const steps = levels.length - 1
  const last = linearMultistep(levels, { order: 1, weights: euler(inLogSigma) })
  return endAtTimestep0(
    (latent, range, tools) => (steps < FEW && range.index === steps - 1 ? last : advance)(latent, range, tools),
    noise,
  )
}

/** With a single slope the step is Euler's in every measure of time. */
const euler =
  (weights: Weights): Weights =>
  (sigmas, to) =>
    sigmas.length === 1 ? [to - (sigmas[0] ?? 0)] : weights(sigmas, to)

/** rhoAB-DEIS of second order with log sigma as time: the integral over sigma in closed form. */
function inLogSigma([now = 1, before = 1]: readonly number[], to: number): readonly number[] {
  const integral = (other: number, one: number) => {
    const antiderivative = (sigma: number) => (sigma * (Math.log(sigma / other) - 1)) / Math.log(one / other)
    return antiderivative(to) - antiderivative(now)
  }
  return [integral(before, now), integral(now, before)]
}

const RECTANGLES = 10_000
/** Time runs from `EARLIEST` to 1 over the sigma range of arXiv 2206.00364, with linear betas. */
const EARLIEST = 1e-3
const [log0, log1] = [0.002, 80].map((sigma) => Math.log(sigma ** 2 + 1)) as [number, number]
const slope = (2 * (log0 / EARLIEST - log1)) / (EARLIEST - 1)
const beta0 = log1 - slope / 2

const vpTime = (sigma: number) => (Math.sqrt(beta0 ** 2 + 2 * slope * Math.log(sigma ** 2 + 1)) - beta0) / slope

/** tAB-DEIS. Uses a Riemann sum as in ComfyUI, because its error is noticeable in the results. */
function inVpTime(sigmas: readonly number[], to: number): readonly number[] {
  const times = sigmas.map(vpTime)
  const [from = 0] = times
  const length = vpTime(to) - from
  const weights = sigmas.map(() => 0)
  const polynomials = sigmas.map((_, i) => lagrange(times, i))
  for (let i = 0; i < RECTANGLES; i++) {
    const time = from + (length * i) / (RECTANGLES - 1)
    const alpha = Math.exp(-(time ** 2 * slope) / 2 - time * beta0)
    const growth = (time * slope + beta0) / (2 * Math.sqrt(alpha * (1 - alpha)))
    polynomials.forEach((polynomial, j) => {
      weights[j] = (weights[j] ?? 0) + (growth * polynomial(time) * length) / RECTANGLES
    })
  }
  return weights
}
