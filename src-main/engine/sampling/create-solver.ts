import type { SchedulerSpec, SolverKind } from '#core/plan/scheduler.ts'
import { TRAINING_STEPS } from '#core/plan/timesteps.ts'
import { mix } from '../tensor/linear.ts'
import { conventions } from './conventions.ts'
import { entry } from './grid.ts'
import { cleanLatent, type NoiseLevel, norm } from './level.ts'
import { levelsOf, partOf } from './levels.ts'
import { type NoiseSchedule, noiseSchedule } from './schedule.ts'
import type { Advance, Solver, SolverOptions, Update } from './solver.ts'
import { ddim } from './solvers/ddim.ts'
import { deis } from './solvers/deis.ts'
import { dpm2, dpm2Ancestral } from './solvers/dpm-2.ts'
import { dpmpp2m, dpmpp2mSde } from './solvers/dpmpp-2m.ts'
import { dpmpp2sAncestral } from './solvers/dpmpp-2s-ancestral.ts'
import { dpmpp3mSde } from './solvers/dpmpp-3m-sde.ts'
import { dpmppSde } from './solvers/dpmpp-sde.ts'
import { euler } from './solvers/euler.ts'
import { eulerAncestral } from './solvers/euler-ancestral.ts'
import { gradientEstimation } from './solvers/gradient-estimation.ts'
import { heun } from './solvers/heun.ts'
import { ipndm } from './solvers/ipndm.ts'
import { lcm } from './solvers/lcm.ts'
import { lms } from './solvers/lms.ts'
import { resMultistep } from './solvers/res-multistep.ts'
import { tcd } from './solvers/tcd.ts'
import { unipc } from './solvers/unipc.ts'

const updates: { readonly [Kind in SolverKind]: Update<Kind> } = {
  lcm,
  tcd,
  ddim,
  ddpm: eulerAncestral,
  euler,
  'euler-ancestral': eulerAncestral,
  heun,
  'dpm-2': dpm2,
  'dpm-2-ancestral': dpm2Ancestral,
  'dpmpp-2s-ancestral': dpmpp2sAncestral,
  'dpmpp-sde': dpmppSde,
  'dpmpp-2m': dpmpp2m,
  'dpmpp-2m-sde': dpmpp2mSde,
  'dpmpp-3m-sde': dpmpp3mSde,
  lms,
  ipndm,
  deis,
  unipc,
  'res-multistep': resMultistep,
  'gradient-estimation': gradientEstimation,
}

/**
 * The first step of solvers that ask the network again within a step. From noise alone they would multiply the
 * difference of its two answers by hundreds; diffusers does not let them begin there.
 */
const fromNoiseAlone: { readonly [Kind in SolverKind]?: Update<'euler'> } = {
  heun: euler,
  'dpm-2': euler,
  'dpm-2-ancestral': eulerAncestral,
}

function advanceOf<Kind extends SolverKind>(
  spec: SchedulerSpec<Kind>,
  levels: readonly NoiseLevel[],
  noise: NoiseSchedule,
): Advance {
  const advance = updates[spec.kind](spec, levels, noise)
  const beginning = spec.convention === 'diffusers' && noise.zeroSnr && fromNoiseAlone[spec.kind]
  if (!beginning) return advance
  const begin = beginning({ ...spec, kind: 'euler' }, levels, noise)
  const alone = noise.sigmaAt(TRAINING_STEPS - 1)
  return (latent, range, tools) => (range.from.sigma === alone ? begin : advance)(latent, range, tools)
}

/**
 * Creates the solver for one run.
 *
 * @throws LoomError `range` if steps, strength or another number of the spec is out of range; `input` names which.
 */
export function createSolver<Kind extends SolverKind>(
  spec: SchedulerSpec<Kind>,
  { prediction, betas, zeroSnr, strength, part }: SolverOptions,
): Solver {
  const rules = conventions[spec.convention]
  const noise = noiseSchedule(betas, zeroSnr && rules.lastAlpha(spec))
  const levels = partOf(levelsOf(spec, strength, noise), part)
  const { sigma } = entry(levels, 0)
  const initNoiseSigma = rules.initNoiseSigma(spec, sigma, noise)
  const timesteps = new Map(levels.map((level) => [level.sigma, level.timestep]))
  return {
    levels,
    initNoiseSigma,
    convention: spec.convention,
    advance: advanceOf(spec, levels, noise),
    start: (drawn, latent) =>
      latent ? mix([1, latent], [rules.latentNoiseSigma(spec, sigma, noise), drawn]) : mix([initNoiseSigma, drawn]),
    async denoise(latent, sigma, predict) {
      const timestep = timesteps.get(sigma) ?? rules.timestepOf(spec.kind, sigma, noise)
      const scaled = mix([1 / norm(sigma), latent])
      return cleanLatent(prediction, await predict(scaled, timestep), sigma, latent)
    },
  }
}
