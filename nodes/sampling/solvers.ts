import {
  type Convention,
  type PlainSolver,
  type Schedule,
  type SchedulerSpec,
  type SigmaSchedule,
  type Spacing,
  schedulerDefaults,
  sigmaSchedules,
  solverKinds,
  solvers,
} from '#core/plan/scheduler.ts'

/** UniPC's two variants are a choice each. */
type Choice = PlainSolver | 'unipc-bh1'

export const solverTitles = Object.fromEntries(
  solverKinds.flatMap((kind) => {
    const { title, schedule } = solvers[kind]
    const bh1 = kind === 'unipc' ? [['unipc-bh1', `${title} bh1`]] : []
    return schedule.kind === 'distilled' ? [] : [[kind, title], ...bh1]
  }),
) as Readonly<Record<Choice, string>>

const sigmaTitles = Object.fromEntries(
  Object.entries(sigmaSchedules).map(([name, { title }]) => [name, title]),
) as Readonly<Record<SigmaSchedule, string>>

export const scheduleTitles: Readonly<Record<'usual' | Spacing | SigmaSchedule, string>> = {
  usual: "The model's or the solver's usual",
  ...sigmaTitles,
  leading: 'Timesteps, leading',
  trailing: 'Timesteps, trailing',
  linspace: 'Timesteps, on a line',
}

/** The solver's settings, before steps and schedule. */
export function specOf(solver: Choice, convention: Convention): SchedulerSpec {
  if (solver !== 'unipc' && solver !== 'unipc-bh1') return schedulerDefaults[solver]
  const order = convention === 'comfy' ? 3 : 2
  return { ...schedulerDefaults.unipc, order, variant: solver === 'unipc' ? 'bh2' : 'bh1' }
}

export function scheduleOf(name: keyof typeof scheduleTitles, solver: Choice, convention: Convention): Schedule {
  if (name === 'leading' || name === 'trailing' || name === 'linspace') {
    return { kind: 'spaced', spacing: name, stepsOffset: 1 }
  }
  if (name !== 'usual') return { kind: 'sigmas', name }
  const spec = specOf(solver, convention)
  if (solvers[spec.kind].karras) return { kind: 'sigmas', name: 'karras' }
  return convention === 'comfy' ? { kind: 'sigmas', name: 'normal' } : spec.schedule
}
