import { LoomError } from '#core/errors.ts'
import type { RunPart } from '#core/plan/attributes.ts'
import type { Schedule } from '#core/plan/scheduler.ts'
import { requireTimesteps, TRAINING_STEPS } from '#core/plan/timesteps.ts'
import { type AnySpec, conventions } from './conventions.ts'
import { requireSteps, requireStrength, skippedSteps, spacedTimesteps } from './grid.ts'
import type { NoiseLevel } from './level.ts'
import type { NoiseSchedule } from './schedule.ts'
import { sigmasOf } from './sigma-schedules.ts'

type Of<Kind extends Schedule['kind']> = Extract<Schedule, { kind: Kind }>
type Table<Kind extends Schedule['kind']> = (
  schedule: Of<Kind>,
  spec: AnySpec,
  steps: number,
  noise: NoiseSchedule,
) => NoiseLevel[]

const end: NoiseLevel = { sigma: 0, timestep: 0 }

/** Start levels of the steps of a run from noise alone, for each kind of schedule. */
const tables: { readonly [Kind in Schedule['kind']]: Table<Kind> } = {
  spaced: ({ spacing, stepsOffset }, spec, steps, noise) => {
    const rules = conventions[spec.convention]
    return spacedTimesteps(rules.longer(spec) ? steps + 1 : steps, spacing, stepsOffset)
      .slice(0, steps)
      .map((timestep) => levelAt(rules.spaced(spec.kind, timestep), noise))
  },
  distilled: (schedule, _, steps, noise) => levelsAt(distilledTimesteps(schedule, steps, 1), noise),
  sigmas: ({ name }, { kind, convention }, steps, noise) =>
    sigmasOf[name](steps, noise).map((sigma) => ({
      sigma,
      timestep: conventions[convention].timestepOf(kind, sigma, noise),
    })),
  timesteps: ({ timesteps }, _spec, _steps, noise) => levelsAt(requireTimesteps(timesteps), noise),
}

/**
 * The levels of a run: the start of each step, then sigma 0.
 * @throws LoomError `range` if steps, strength or schedule are out of range.
 */
export function levelsOf(spec: AnySpec, strength: number, noise: NoiseSchedule): readonly NoiseLevel[] {
  requireStrength(strength)
  const levels = [...startsOf(spec.schedule, spec, strength, noise), end]
  // a run with more steps than timesteps repeats levels
  return levels.filter(({ sigma }, i) => sigma !== levels[i - 1]?.sigma)
}

/**
 * The levels of a part of a run. A part that keeps no noise ends with a step to sigma 0.
 * @throws LoomError `range` if the part contains no step.
 */
export function partOf(levels: readonly NoiseLevel[], part: RunPart | undefined): readonly NoiseLevel[] {
  if (!part) return levels
  const some = levels.slice(part.start, part.end + 1)
  const steps = levels.length - 1
  if (some.length < 2) {
    throw new LoomError(
      'range',
      `From step ${part.start} to step ${part.end} there is nothing of ${steps} steps to run.`,
      {
        input: 'startStep',
        hint: `Start before step ${Math.min(part.end, steps)}.`,
      },
    )
  }
  return part.keepsNoise ? some : [...some.slice(0, -1), end]
}

function startsOf(schedule: Schedule, spec: AnySpec, strength: number, noise: NoiseSchedule): readonly NoiseLevel[] {
  if (schedule.kind === 'distilled' && schedule.strengthMode === 'truncate') {
    return levelsAt(distilledTimesteps(schedule, spec.steps, strength), noise)
  }
  if (schedule.kind === 'timesteps') return lastShare(wholeRun(schedule, spec, spec.steps, noise), strength)
  const { keepsSteps, dropsLast, longer } = conventions[spec.convention]
  const drops = dropsLast(spec.kind)
  const leavesOut = schedule.kind === 'spaced' && (drops || longer(spec))
  requireSteps(spec.steps, leavesOut ? TRAINING_STEPS - 1 : TRAINING_STEPS)
  if (!keepsSteps) return lastShare(wholeRun(schedule, spec, spec.steps, noise), strength)
  const whole = Math.trunc(spec.steps / strength)
  requireLonger(schedule, spec.steps, strength, whole)
  const levels = drops
    ? wholeRun(schedule, spec, whole + 1, noise).slice(0, -1)
    : wholeRun(schedule, spec, whole, noise)
  return strength === 1 ? levels : levels.slice(-spec.steps)
}

/** @throws LoomError `range` if the longer run, of which these are the last steps, has more steps than its grid. */
function requireLonger(schedule: Schedule, steps: number, strength: number, whole: number): void {
  const most = schedule.kind === 'distilled' ? schedule.originalSteps : TRAINING_STEPS
  if (strength === 1 || schedule.kind === 'sigmas' || whole <= most) return
  throw new LoomError(
    'range',
    `At a strength of ${strength} the steps are the last of ${whole}; ${most} is the most.`,
    {
      input: 'strength',
      hint: `Use a strength of at least ${Math.ceil((1000 * steps) / most) / 1000}, or fewer steps.`,
    },
  )
}

function wholeRun<Kind extends Schedule['kind']>(
  schedule: Of<Kind> & { kind: Kind },
  spec: AnySpec,
  steps: number,
  noise: NoiseSchedule,
) {
  const table: Table<Kind> = tables[schedule.kind]
  return table(schedule, spec, steps, noise)
}

function lastShare(levels: readonly NoiseLevel[], strength: number): readonly NoiseLevel[] {
  return levels.slice(skippedSteps(levels.length, strength))
}

function levelAt(timestep: number, { sigmaAt }: NoiseSchedule): NoiseLevel {
  return { sigma: sigmaAt(timestep), timestep }
}

function levelsAt(timesteps: readonly number[], noise: NoiseSchedule): NoiseLevel[] {
  return timesteps.map((timestep) => levelAt(timestep, noise))
}

/** Selected entries of the descending distillation grid, truncated by the strength. */
function distilledTimesteps({ originalSteps, picks }: Of<'distilled'>, steps: number, strength: number): number[] {
  requireOriginalSteps(originalSteps)
  const length = Math.trunc(originalSteps * strength)
  if (length < steps && steps <= originalSteps) {
    throw new LoomError(
      'range',
      `A strength of ${strength} leaves ${length} of ${originalSteps} original steps, fewer than ${steps} steps.`,
      { input: 'strength', hint: `Use at most ${length} steps or a strength of at least ${steps / originalSteps}.` },
    )
  }
  requireSteps(steps, length)
  const apart = picks === 'even' ? length / steps : Math.floor(length / steps)
  const stride = Math.floor(TRAINING_STEPS / originalSteps)
  return Array.from({ length: steps }, (_, i) => (length - Math.floor(i * apart)) * stride - 1)
}

function requireOriginalSteps(originalSteps: number): void {
  if (Number.isInteger(originalSteps) && originalSteps >= 1 && originalSteps <= TRAINING_STEPS) return
  throw new LoomError('range', `${originalSteps} original steps are outside 1 to ${TRAINING_STEPS}.`, {
    input: 'originalSteps',
    hint: 'Use the number of steps that the model was distilled with, 50 for nearly all.',
  })
}
