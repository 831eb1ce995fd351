import type { Schedule } from '../plan/scheduler.ts'

/** Meanings of a UNet's output, with their names: the noise, the velocity of arXiv 2202.00512, or the clean latent. */
export const predictions = {
  epsilon: 'epsilon',
  v_prediction: 'v-prediction',
  sample: 'clean latent (x0)',
} as const
export type Prediction = keyof typeof predictions

/** The variances of the noise that a training adds in each of its 1000 timesteps, as diffusers names them. */
export type Betas =
  | { readonly curve: 'scaled_linear' | 'linear'; readonly start: number; readonly end: number }
  | { readonly curve: 'squaredcos_cap_v2' }
  | { readonly curve: 'trained'; readonly betas: readonly number[] }

/** What a UNet was trained to predict, and on which noise. */
export interface Training {
  readonly prediction: Prediction
  /** The last timestep is noise alone: its signal-to-noise ratio is zero (arXiv 2305.08891). */
  readonly zeroSnr?: true
  /** Absent: those of latent diffusion, from 0.00085 to 0.012 on a line of square roots. */
  readonly betas?: Betas
  /** The schedule that the model is to be drawn with, where the artist leaves it to the model. */
  readonly schedule?: Schedule
}

/** What files say about the training of their UNet. */
export interface Told {
  readonly training: Training
  /** The name of a training that is not built. `training` is then no more than the family's. */
  readonly foreign?: string
  /** What is not certain, as whole sentences. */
  readonly unsure?: string
}

/** What to do about a training that is not built. */
export const foreignFix =
  'Take a model that predicts epsilon or v. If the file is wrong about itself, set Prediction in the node.'

/** `auto`: as the file says, or else the family's default. */
export type PredictionChoice = 'auto' | Prediction
export type ZeroSnrChoice = 'auto' | 'yes' | 'no'

/** The settings of a loader node. They win over the file. */
export interface TrainingChoice {
  readonly prediction: PredictionChoice
  /** Absent: `auto`. */
  readonly zeroSnr?: ZeroSnrChoice
}

/** A grid that begins at the last timestep, as a training on noise alone needs it (arXiv 2305.08891, section 3.3). */
const fromNoiseAlone: Schedule = { kind: 'spaced', spacing: 'trailing', stepsOffset: 1 }

/**
 * The training that a model is drawn by. With noise alone as its input a network that predicts the noise says nothing,
 * so zero terminal SNR in a file counts only beside another prediction.
 */
export function chosenTraining(told: Training, { prediction: chosen, zeroSnr = 'auto' }: TrainingChoice): Training {
  const { zeroSnr: said, schedule, ...rest } = told
  const prediction = chosen === 'auto' ? told.prediction : chosen
  const fromNothing = zeroSnr === 'auto' ? said === true && prediction !== 'epsilon' : zeroSnr === 'yes'
  const wanted = schedule ?? (fromNothing ? fromNoiseAlone : undefined)
  return { ...rest, prediction, ...(fromNothing && { zeroSnr: true }), ...(wanted && { schedule: wanted }) }
}

/** What a UNet predicts, and on which noise, in words: "v-prediction, zero terminal SNR". */
export function predictionOf({ prediction, zeroSnr }: Training): string {
  return `${predictions[prediction]}${zeroSnr ? ', zero terminal SNR' : ''}`
}
