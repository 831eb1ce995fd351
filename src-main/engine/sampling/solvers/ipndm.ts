import { entry } from '../grid.ts'
import { linearMultistep } from '../linear-multistep.ts'
import type { Update } from '../solver.ts'

/** Adams-Bashforth coefficients for steps of equal size, by order - 1. */
const coefficients: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
]

/** iPNDM (arXiv 2204.13902): Adams-Bashforth with the coefficients for equal steps, although steps differ in size. */
export const ipndm: Update<'ipndm'> = (_, levels) =>
  linearMultistep(levels, {
    order: coefficients.length,
    weights: (sigmas, to) => entry(coefficients, sigmas.length - 1).map((weight) => weight * (to - entry(sigmas, 0))),
  })
