import { mix } from '../../tensor/linear.ts'
import { entry } from '../grid.ts'
import { moveAlong } from '../level.ts'
import type { Update } from '../solver.ts'

/** Multistep RES of second order (arXiv 2308.02157), without fresh noise. First and last step are of first order. */
export const resMultistep: Update<'res-multistep'> = (_, levels) => {
  let before: Float32Array = new Float32Array()
  return async (latent, { index, from, to }, { denoise }) => {
    const denoised = await denoise(latent, from.sigma)
    const older = before
    before = denoised
    if (index === 0 || to.sigma === 0) return { next: moveAlong(latent, denoised, from.sigma, to.sigma), denoised }
    const step = Math.log(from.sigma / to.sigma)
    const [phi1, phi2] = phis(-step)
    const ratio = step / Math.log(entry(levels, index - 1).sigma / from.sigma)
    const next = mix([Math.exp(-step), latent], [step * (phi1 + phi2 * ratio), denoised], [-step * phi2 * ratio, older])
    return { next, denoised }
  }
}

/** The exponential integrator's functions phi1 and phi2. */
function phis(z: number): readonly [number, number] {
  const phi1 = Math.expm1(z) / z
  return [phi1, (phi1 - 1) / z]
}
