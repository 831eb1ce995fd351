import type { SchedulerSpec, SolverKind } from '#core/plan/scheduler.ts'

/** What the network's output stands for: the noise, the velocity of arXiv 2202.00512, or the clean latent. */
export type Prediction = 'epsilon' | 'v_prediction' | 'sample'

export interface SolverOptions {
  readonly prediction: Prediction
  /** How much of the start is noise: 1 for text to image, less for image to image; above 0. */
  readonly strength: number
}

interface SolverStep {
  /** The latent that the next step starts from; of the last step, the result of the run. */
  readonly next: Float32Array
  /** The clean latent as this step guesses it, for previews. */
  readonly denoised: Float32Array
}

/**
 * One run of a sampler, from a noisy latent to a clean one. `step` below is an index into `timesteps`. No method writes
 * into its arguments. Multistep solvers remember the previous step, so each run takes a solver of its own.
 */
export interface Solver {
  /** What the network is told at each step, falling; not always whole. */
  readonly timesteps: readonly number[]
  /** The factor of the noise that a text to image run starts from. */
  readonly initNoiseSigma: number
  /** The network's input; may be the latent itself. */
  scaleInput(latent: Float32Array, step: number): Float32Array
  /**
   * Advances the latent (unscaled) by one step.
   * @param noise draws the next normal noise of the latent's size; called only where the solver takes noise, once a step.
   */
  step(modelOutput: Float32Array, step: number, latent: Float32Array, noise: () => Float32Array): SolverStep
  /** The start of an image to image run: the clean latent, noised to the first timestep. */
  addNoise(latent: Float32Array, noise: Float32Array): Float32Array
}

export type SolverFactory<Kind extends SolverKind> = (spec: SchedulerSpec<Kind>, options: SolverOptions) => Solver
