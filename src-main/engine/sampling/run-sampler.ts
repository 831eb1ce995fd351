import type { Convention } from '#core/plan/scheduler.ts'
import { blend, mix } from '../tensor/linear.ts'
import { entry } from './grid.ts'
import type { NoiseSource } from './noise-source.ts'
import type { Predict, Solver } from './solver.ts'

/** The start of a run. Latents have the shape `(batch, channels, height, width)`. */
export interface SamplerStart {
  readonly shape: readonly number[]
  /** The latent to which noise is added; absent: the run starts from noise alone. */
  readonly latent?: Float32Array
  /** 1 where the latent is sampled, 0 where it is kept: `(1 or batch, 1, height, width)`. */
  readonly mask?: Float32Array
  /** The latent that the mask keeps, and its noise; absent: the initial latent and noise. */
  readonly kept?: { readonly clean: Float32Array; readonly noise: Float32Array }
  /** Starts from noise alone although there is a latent, which is used only for the kept part. */
  readonly noiseAlone?: boolean
}

export interface SamplerHooks {
  /** The network's output for a scaled latent, guidance applied; float32 of the latent's size. */
  readonly predict: Predict
  /** Called after each step with its estimate of the clean latent. An error that it throws ends the run. */
  stepped(step: number, steps: number, denoised: Float32Array): Promise<void>
}

/**
 * Whether the kept part is restored after each step, with the noise of the next level (diffusers), or before and after
 * each run of the network (ComfyUI).
 */
const keepsAfterSteps: Record<Convention, boolean> = { diffusers: true, comfy: false }

/**
 * Runs a solver from noise, or from a noised latent, to a clean latent. Draws noise in the order of diffusers and
 * ComfyUI: the initial noise, then the noise of each step.
 */
export async function runSampler(
  solver: Solver,
  { initial, fresh }: NoiseSource,
  { shape, latent, mask, kept: given, noiseAlone = false }: SamplerStart,
  { predict, stepped }: SamplerHooks,
): Promise<Float32Array> {
  const noise = initial.randn(shape)
  const kept = mask && latent ? keeper(spread(mask, shape), given ?? { clean: latent, noise }) : undefined
  const keepsAfter = keepsAfterSteps[solver.convention]
  const denoise = async (noisy: Float32Array, sigma: number) => {
    if (!kept || keepsAfter) return solver.denoise(noisy, sigma, predict)
    return kept(await solver.denoise(kept(noisy, sigma), sigma, predict), 0)
  }
  const tools = { denoise, noise: () => fresh.randn(shape) }
  let current = solver.start(noise, noiseAlone ? undefined : latent)
  const steps = solver.levels.length - 1
  for (let index = 0; index < steps; index++) {
    const range = { index, from: entry(solver.levels, index), to: entry(solver.levels, index + 1) }
    const { next, denoised } = await solver.advance(current, range, tools)
    current = kept && keepsAfter ? kept(next, range.to.sigma) : next
    await stepped(index + 1, steps, denoised)
  }
  return current
}

/** Combines the sampled part with the kept part at that noise level. */
function keeper(mask: Float32Array, { clean, noise }: NonNullable<SamplerStart['kept']>) {
  return (drawn: Float32Array, sigma: number) =>
    blend(mask, drawn, sigma === 0 ? clean : mix([1, clean], [sigma, noise]))
}

/** Expands a mask to the shape of a latent. */
function spread(mask: Float32Array, [batch = 1, channels = 1, height = 1, width = 1]: readonly number[]): Float32Array {
  const plane = height * width
  return Float32Array.from({ length: batch * channels * plane }, (_, i) => {
    const picture = Math.floor(i / (channels * plane))
    return mask[(picture * plane + (i % plane)) % mask.length] ?? 0
  })
}
