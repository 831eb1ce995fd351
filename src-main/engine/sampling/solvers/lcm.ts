import { mix } from '../../tensor/linear.ts'
import { norm } from '../level.ts'
import { withNoise } from '../noising.ts'
import type { Update } from '../solver.ts'

const SIGMA_DATA = 0.5
const TIMESTEP_SCALING = 10

/**
 * Latent consistency sampling (arXiv 2310.04378, Algorithm 3): every step predicts the clean latent and noises it to
 * the next level. The last step adds no noise.
 */
export const lcm: Update<'lcm'> =
  ({ convention }) =>
  async (latent, { from, to }, tools) => {
    const clean = await tools.denoise(latent, from.sigma)
    const denoised = convention === 'diffusers' ? bounded(clean, latent, from) : clean
    return { next: withNoise(denoised, to.sigma, tools), denoised }
  }

/** Applies `c_skip` and `c_out` of arXiv 2310.04378, which make the model the identity at timestep 0. */
function bounded(clean: Float32Array, latent: Float32Array, { sigma, timestep }: { sigma: number; timestep: number }) {
  const scaled = timestep * TIMESTEP_SCALING
  const variance = scaled ** 2 + SIGMA_DATA ** 2
  return mix([scaled / Math.sqrt(variance), clean], [SIGMA_DATA ** 2 / variance / norm(sigma), latent])
}
