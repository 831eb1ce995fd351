const HALVINGS = 60
const TERMS = 200
const TINY = 1e-300

/**
 * The quantile of the symmetric beta distribution Beta(shape, shape), at which its distribution function is `share`.
 */
export function betaQuantile(share: number, shape: number): number {
  if (share > 0.5) return 1 - betaQuantile(1 - share, shape)
  // exact, because callers round it
  if (share === 0.5) return 0.5
  // relative to the function's value at 1/2, which is 1/2, so that no gamma function is needed
  const wanted = 2 * share * incompleteBeta(0.5, shape)
  let [low, high] = [0, 0.5]
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    if (incompleteBeta(middle, shape) < wanted) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The incomplete beta function with both parameters `shape`, for x up to 1/2, by Lentz's method (DLMF 8.17.22). */
function incompleteBeta(x: number, shape: number): number {
  let [fraction, c, d] = [1, 1, 0]
  for (let term = 0; term <= TERMS; term++) {
    const m = Math.floor(term / 2)
    const numerator =
      term === 0
        ? 1
        : term % 2 === 0
          ? (m * (shape - m) * x) / ((shape + 2 * m - 1) * (shape + 2 * m))
          : (-(shape + m) * (2 * shape + m) * x) / ((shape + 2 * m) * (shape + 2 * m + 1))
    d = 1 / away(1 + numerator * d)
    c = away(1 + numerator / c)
    fraction *= c * d
    if (Math.abs(c * d - 1) < Number.EPSILON) break
  }
  return ((x * (1 - x)) ** shape / shape) * (fraction - 1)
}

function away(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}
