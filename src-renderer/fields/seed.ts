/** Seeds are decimal strings, as 64 bits do not fit a number. */

const seeds = 2n ** 64n

/** What becomes of a seed after each run. */
export const seedControls = ['fixed', 'random', 'increment', 'decrement'] as const
export type SeedControl = (typeof seedControls)[number]

/**
 * A seed drawn at random, of 32 bits: the noise depends on no more, and it can still be read out.
 * @param random gives numbers from 0 to 1, 1 excluded
 */
export const randomSeed = (random: () => number = Math.random): string => String(Math.floor(random() * 2 ** 32))

/** The seed some steps on; it goes around at its limits. What is not a seed counts as 0. */
export function steppedSeed(seed: string, steps: number): string {
  const value = /^\d{1,40}$/.test(seed) ? BigInt(seed) : 0n
  return String((((value + BigInt(steps)) % seeds) + seeds) % seeds)
}

const nextSeeds: Readonly<Record<SeedControl, (seed: string) => string>> = {
  fixed: (seed) => seed,
  random: () => randomSeed(),
  increment: (seed) => steppedSeed(seed, 1),
  decrement: (seed) => steppedSeed(seed, -1),
}

/** The seed of the next run. */
export const nextSeed = (seed: string, control: SeedControl): string => nextSeeds[control](seed)
