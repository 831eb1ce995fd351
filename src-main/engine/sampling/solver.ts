import type { RunPart } from '#core/plan/attributes.ts'
import type { Convention, SchedulerSpec, SolverKind } from '#core/plan/scheduler.ts'
import type { NoiseLevel } from './level.ts'

/** What the network's output stands for: the noise, the velocity of arXiv 2202.00512, or the clean latent. */
export type Prediction = 'epsilon' | 'v_prediction' | 'sample'

export interface SolverOptions {
  readonly prediction: Prediction
  /** How much of the start is noise: 1 for text to image, less for image to image; above 0. */
  readonly strength: number
  /** Absent: all steps that the strength leaves. */
  readonly part?: RunPart | undefined
}

/** What a step may ask for. */
export interface StepTools {
  /** The clean latent that the network sees in a noisy one; each call is a run of the network. */
  denoise(latent: Float32Array, sigma: number): Promise<Float32Array>
  /** Draws the next normal noise of the latent's size; called only where it is used. */
  noise(): Float32Array
}

/** From which level to which a step goes; the last goes to sigma 0. */
interface StepRange {
  /** Counts from 0. */
  readonly index: number
  readonly from: NoiseLevel
  readonly to: NoiseLevel
}

interface StepResult {
  /** The latent that the next step starts from; of the last step, the result of the run. */
  readonly next: Float32Array
  /** The clean latent as this step guesses it, for previews. */
  readonly denoised: Float32Array
}

/**
 * Advances a latent, `x0 + sigma epsilon`, by one step; writes into none of its arguments. Multistep solvers remember the
 * steps before, so each run takes one of its own and begins at step 0.
 */
export type Advance = (latent: Float32Array, range: StepRange, tools: StepTools) => Promise<StepResult>

/** Makes what advances a run of a solver over falling levels. */
export type Update<Kind extends SolverKind> = (spec: SchedulerSpec<Kind>, levels: readonly NoiseLevel[]) => Advance

/** One run of a sampler, from a noisy latent to a clean one. */
export interface Solver {
  /** Falling: where each step starts, then sigma 0. */
  readonly levels: readonly NoiseLevel[]
  /** The factor of the noise that a run from noise alone starts from. */
  readonly initNoiseSigma: number
  readonly convention: Convention
  readonly advance: Advance
  /** The noisy latent that a run starts from; without a clean latent, noise alone. */
  start(noise: Float32Array, latent?: Float32Array): Float32Array
  /** The clean latent that a network with such a timestep sees in a noisy one. */
  denoise(latent: Float32Array, sigma: number, predict: Predict): Promise<Float32Array>
}

/** The network's output for a latent of variance 1, guidance applied; float32 of the latent's size. */
export type Predict = (latent: Float32Array, timestep: number) => Promise<Float32Array>
