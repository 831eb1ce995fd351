/**
 * A step down to `down`, then noise of `up`: together the level `to`, with the mean and the variance that the noisy latent
 * has between the levels (the posterior of arXiv 2006.11239, equation 7).
 */
export function ancestral(from: number, to: number): { readonly down: number; readonly up: number } {
  const down = to ** 2 / from
  return { down, up: Math.sqrt(Math.max(to ** 2 - down ** 2, 0)) }
}
