import { lagrange, linearMultistep, type Weights } from '../linear-multistep.ts'
import type { Update } from '../solver.ts'

/** Gauss-Legendre quadrature with two points is exact for polynomials of degree 3. */
const GAUSS = 1 / Math.sqrt(3)

/** The linear multistep method: integrates the polynomial in sigma through the four latest slopes. */
export const lms: Update<'lms'> = ({ convention }, levels) =>
  linearMultistep(levels, { order: 4, weights, throughEnd: convention === 'diffusers' })

const weights: Weights = (sigmas, to) => {
  const [from = 0] = sigmas
  const half = (to - from) / 2
  const middle = (to + from) / 2
  return sigmas.map((_, i) => {
    const polynomial = lagrange(sigmas, i)
    return half * (polynomial(middle - half * GAUSS) + polynomial(middle + half * GAUSS))
  })
}
