import type { TorchGenerator } from './noise.ts'
import type { Solver } from './solver.ts'

/** The latent at the start of a run: shape `(batch, channels, height, width)`. */
export interface SamplerStart {
  readonly shape: readonly number[]
  /** What the noise is added to; absent: the run starts from noise alone. */
  readonly latent?: Float32Array
}

export interface SamplerHooks {
  /** The network's output for a scaled latent, guidance applied; float32 of the latent's size. */
  predict(latent: Float32Array, timestep: number): Promise<Float32Array>
  /** Called after each step with the clean latent as it is guessed; what it throws ends the run. */
  stepped(step: number, steps: number, denoised: Float32Array): Promise<void>
}

/**
 * Runs a solver from noise, or from a noised latent, to a clean latent. All noise comes from one generator, in the order
 * in which diffusers draws it: the initial noise, then that of each step.
 */
export async function runSampler(
  solver: Solver,
  generator: TorchGenerator,
  { shape, latent }: SamplerStart,
  { predict, stepped }: SamplerHooks,
): Promise<Float32Array> {
  const noise = generator.randn(shape)
  let current = latent ? solver.addNoise(latent, noise) : noise.map((value) => value * solver.initNoiseSigma)
  const draw = () => generator.randn(shape)
  for (const [step, timestep] of solver.timesteps.entries()) {
    const output = await predict(solver.scaleInput(current, step), timestep)
    const { next, denoised } = solver.step(output, step, current, draw)
    current = next
    await stepped(step + 1, solver.timesteps.length, denoised)
  }
  return current
}
