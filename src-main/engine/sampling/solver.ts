import type { Training } from '#core/families/training.ts'
import type { RunPart } from '#core/plan/attributes.ts'
import type { Convention, SchedulerSpec, SolverKind } from '#core/plan/scheduler.ts'
import type { NoiseLevel } from './level.ts'
import type { NoiseSchedule } from './schedule.ts'

export interface SolverOptions extends Training {
  /** Share of noise at the start, above 0: 1 for text to image, less for image to image. */
  readonly strength: number
  /** Absent: all steps that the strength leaves. */
  readonly part?: RunPart | undefined
}

/** Functions for the use of a step. */
export interface StepTools {
  /** Runs the network, and returns its prediction of the clean latent. */
  denoise(latent: Float32Array, sigma: number): Promise<Float32Array>
  /** Draws the next normal noise of the latent's size. Called only if the noise is used. */
  noise(): Float32Array
}

/** The levels at the start and the end of a step. The last step ends at sigma 0. */
interface StepRange {
  /** Counts from 0. */
  readonly index: number
  readonly from: NoiseLevel
  readonly to: NoiseLevel
}

interface StepResult {
  /** The latent at the start of the next step; after the last step, the result of the run. */
  readonly next: Float32Array
  /** This step's prediction of the clean latent, for previews. */
  readonly denoised: Float32Array
}

/**
 * Advances a latent, `x0 + sigma epsilon`, by one step, without writing into its arguments. Multistep solvers remember
 * earlier steps, so each run needs a new `Advance` and begins at step 0.
 */
export type Advance = (latent: Float32Array, range: StepRange, tools: StepTools) => Promise<StepResult>

/** Creates the `Advance` of a run over descending levels of the model's noise. */
export type Update<Kind extends SolverKind> = (
  spec: SchedulerSpec<Kind>,
  levels: readonly NoiseLevel[],
  noise: NoiseSchedule,
) => Advance

/** One run of a sampler, from a noisy latent to a clean one. */
export interface Solver {
  /** Descending: the start of each step, then sigma 0. */
  readonly levels: readonly NoiseLevel[]
  /** Factor of the initial noise of a run from noise alone. */
  readonly initNoiseSigma: number
  readonly convention: Convention
  readonly advance: Advance
  /** The noisy latent at the start of a run; scaled noise if there is no clean latent. */
  start(noise: Float32Array, latent?: Float32Array): Float32Array
  /** The network's prediction of the clean latent, for a noisy latent at that sigma. */
  denoise(latent: Float32Array, sigma: number, predict: Predict): Promise<Float32Array>
}

/** The network's output for a latent of variance 1, guidance applied; float32 of the latent's size. */
export type Predict = (latent: Float32Array, timestep: number) => Promise<Float32Array>
