import { mix } from '../../tensor/linear.ts'
import { ancestral } from '../ancestral.ts'
import { moveAlong } from '../level.ts'
import { withNoise } from '../noising.ts'
import type { Advance, StepTools } from '../solver.ts'

/** DPM-Solver-2 (arXiv 2206.00927, Algorithm 1): uses the slope at the middle of the step in log sigma. */
export function dpm2(): Advance {
  return (latent, { from, to }, tools) => midpoint(latent, from.sigma, to.sigma, tools)
}

/** DPM-Solver-2 down to a lower level, then fresh noise. */
export function dpm2Ancestral(): Advance {
  return async (latent, { from, to }, tools) => {
    const { down, up } = ancestral(from.sigma, to.sigma)
    const { next, denoised } = await midpoint(latent, from.sigma, down, tools)
    return { next: withNoise(next, up, tools), denoised }
  }
}

async function midpoint(latent: Float32Array, from: number, to: number, { denoise }: StepTools) {
  const denoised = await denoise(latent, from)
  if (to === 0) return { next: denoised, denoised }
  const middle = Math.sqrt(from * to)
  const trial = moveAlong(latent, denoised, from, middle)
  const slope = (to - from) / middle
  return { next: mix([1, latent], [slope, trial], [-slope, await denoise(trial, middle)]), denoised }
}
