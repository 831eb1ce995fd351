import { type Convention, type Schedule, type SchedulerSpec, type SolverKind, solvers } from '#core/plan/scheduler.ts'
import { TRAINING_STEPS } from '#core/plan/timesteps.ts'
import { roundHalfToEven } from './grid.ts'
import { norm } from './level.ts'
import type { NoiseSchedule } from './schedule.ts'

/** Fields of the specs of all solvers. */
export type AnySpec = Pick<SchedulerSpec, 'kind' | 'steps' | 'convention' | 'schedule'>

interface Rules {
  /** The network's timestep for a sigma that comes without one. */
  timestepOf(kind: SolverKind, sigma: number, noise: NoiseSchedule): number
  /** Factor of the initial noise of a run from noise alone that starts at that sigma. */
  initNoiseSigma(spec: AnySpec, sigma: number, noise: NoiseSchedule): number
  /** Factor of the noise that is added to a latent for a start at that sigma. */
  latentNoiseSigma(spec: AnySpec, sigma: number, noise: NoiseSchedule): number
  /** A timestep of a spacing, rounded if the solver takes whole timesteps. */
  spaced(kind: SolverKind, timestep: number): number
  /** Whether the grid of a spacing is computed with an extra entry, which is dropped. */
  longer(spec: AnySpec): boolean
  /** Whether a strength below 1 keeps the number of steps, as the last steps of a longer run. */
  readonly keepsSteps: boolean
  /** Whether the grid is computed with an extra entry and its last level above 0 is dropped. */
  dropsLast(kind: SolverKind): boolean
  /** alpha_cumprod of the last timestep of a model with zero terminal SNR, where 0 would make sigma infinite. */
  lastAlpha(spec: AnySpec): number
}

/**
 * Stands for 0 where diffusers' schedulers are variance preserving and have no sigma. Its sigma, 2^40, rounds away
 * everything but the noise; what is left of the step is exact, because these solvers only mix latent and prediction.
 */
const nearlyZero = 2 ** -80

/** The differences between the conventions, besides formulas of single solvers. */
export const conventions: Record<Convention, Rules> = {
  diffusers: {
    timestepOf: (kind, sigma, { timestepAt }) => wholeUnlessExploding(kind, timestepAt(sigma)),
    initNoiseSigma: ({ kind, schedule }, sigma) =>
      solvers[kind].kin === 'exploding' && !mayBeginBelow(schedule) ? sigma : norm(sigma),
    latentNoiseSigma: (_, sigma) => sigma,
    spaced: wholeUnlessExploding,
    longer: ({ kind, schedule }) =>
      solvers[kind].kin === 'multistep' && schedule.kind === 'spaced' && schedule.spacing !== 'trailing',
    keepsSteps: false,
    dropsLast: () => false,
    lastAlpha: ({ kind, schedule }) =>
      // noise levels are spread from the first sigma down
      solvers[kind].kin === 'preserving' && schedule.kind !== 'sigmas' ? nearlyZero : 2 ** -24,
  },
  comfy: {
    timestepOf: (_, sigma, { nearestTimestep }) => nearestTimestep(sigma),
    initNoiseSigma: fullNoise,
    latentNoiseSigma: fullNoise,
    spaced: (_, timestep) => timestep,
    longer: () => false,
    keepsSteps: true,
    dropsLast: (kind) => solvers[kind].dropsLast ?? false,
    lastAlpha: () => 4.8973451890853435e-8,
  },
}

/** Whether a grid may begin below the training grid's end. Such a run starts with the latent's variance there. */
function mayBeginBelow(schedule: Schedule): boolean {
  return schedule.kind === 'timesteps' || (schedule.kind === 'spaced' && schedule.spacing === 'leading')
}

function wholeUnlessExploding(kind: SolverKind, timestep: number): number {
  return solvers[kind].kin === 'exploding' ? timestep : roundHalfToEven(timestep)
}

/** At the training grid's end the noise has the latent's standard deviation there; below, sigma. */
function fullNoise(_: AnySpec, sigma: number, { sigmaAt }: NoiseSchedule): number {
  const largest = sigmaAt(TRAINING_STEPS - 1)
  return sigma >= largest * (1 - 1e-5) ? norm(sigma) : sigma
}
