import { type Convention, type Schedule, type SchedulerSpec, type SolverKind, solvers } from '#core/plan/scheduler.ts'
import { TRAINING_STEPS } from '#core/plan/timesteps.ts'
import { roundHalfToEven } from './grid.ts'
import { norm } from './level.ts'
import { nearestTimestep, sigmaAt, timestepAt } from './schedule.ts'

/** What every spec has. */
export type AnySpec = Pick<SchedulerSpec, 'kind' | 'steps' | 'convention' | 'schedule'>

interface Rules {
  /** What the network is told at a sigma that comes without a timestep. */
  timestepOf(kind: SolverKind, sigma: number): number
  /** The factor of the noise that a run from noise alone starts from at that sigma. */
  initNoiseSigma(spec: AnySpec, sigma: number): number
  /** The factor of the noise that is added to a latent at that sigma. */
  latentNoiseSigma(spec: AnySpec, sigma: number): number
  /** A timestep of a spacing as the solver takes it. */
  spaced(kind: SolverKind, timestep: number): number
  /** The grid of a spacing has one entry more, which is left out. */
  longer(spec: AnySpec): boolean
  /** A run of part of the way takes steps of a longer run, not fewer of its own. */
  readonly keepsSteps: boolean
  /** The last level above 0 is left out of a grid of one entry more. */
  dropsLast(kind: SolverKind): boolean
}

/** What differs between the conventions besides the formulas of single solvers. */
export const conventions: Record<Convention, Rules> = {
  diffusers: {
    timestepOf: (kind, sigma) => wholeUnlessExploding(kind, timestepAt(sigma)),
    initNoiseSigma: ({ kind, schedule }, sigma) =>
      solvers[kind].kin === 'exploding' && !mayBeginBelow(schedule) ? sigma : norm(sigma),
    latentNoiseSigma: (_, sigma) => sigma,
    spaced: wholeUnlessExploding,
    longer: ({ kind, schedule }) =>
      solvers[kind].kin === 'multistep' && schedule.kind === 'spaced' && schedule.spacing !== 'trailing',
    keepsSteps: false,
    dropsLast: () => false,
  },
  comfy: {
    timestepOf: (_, sigma) => nearestTimestep(sigma),
    initNoiseSigma: fullNoise,
    latentNoiseSigma: fullNoise,
    spaced: (_, timestep) => timestep,
    longer: () => false,
    keepsSteps: true,
    dropsLast: (kind) => solvers[kind].dropsLast ?? false,
  },
}

/** Where a grid may begin below the training grid's end, a run starts with the variance that the latent has there. */
function mayBeginBelow(schedule: Schedule): boolean {
  return schedule.kind === 'timesteps' || (schedule.kind === 'spaced' && schedule.spacing === 'leading')
}

function wholeUnlessExploding(kind: SolverKind, timestep: number): number {
  return solvers[kind].kin === 'exploding' ? timestep : roundHalfToEven(timestep)
}

/** At the training grid's end the latent has its variance there, below as much noise as sigma says. */
function fullNoise(_: AnySpec, sigma: number): number {
  const largest = sigmaAt(TRAINING_STEPS - 1)
  return sigma >= largest * (1 - 1e-5) ? norm(sigma) : sigma
}
