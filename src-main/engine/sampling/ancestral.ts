/**
 * Splits an ancestral step: a step down to `down`, then noise of size `up`, together give the level `to`. Mean and
 * variance are those of the posterior of arXiv 2006.11239, equation 7.
 */
export function ancestral(from: number, to: number): { readonly down: number; readonly up: number } {
  const down = to ** 2 / from
  return { down, up: Math.sqrt(Math.max(to ** 2 - down ** 2, 0)) }
}
