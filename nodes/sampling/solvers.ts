import {
  type Convention,
  type Schedule,
  type SchedulerSpec,
  type SigmaSchedule,
  type Spacing,
  schedulerDefaults,
} from '#core/plan/scheduler.ts'

/** Solvers for models as they come. */
export const solverTitles = {
  ddim: 'DDIM',
  ddpm: 'DDPM',
  euler: 'Euler',
  'euler-ancestral': 'Euler ancestral',
  heun: 'Heun',
  'dpm-2': 'DPM2',
  'dpm-2-ancestral': 'DPM2 ancestral',
  'dpmpp-2s-ancestral': 'DPM++ 2S ancestral',
  'dpmpp-sde': 'DPM++ SDE',
  'dpmpp-2m': 'DPM++ 2M',
  'dpmpp-2m-sde': 'DPM++ 2M SDE',
  'dpmpp-3m-sde': 'DPM++ 3M SDE',
  lms: 'LMS',
  ipndm: 'iPNDM',
  deis: 'DEIS',
  unipc: 'UniPC',
  'unipc-bh1': 'UniPC bh1',
  'res-multistep': 'RES multistep',
  'gradient-estimation': 'Gradient estimation',
}

type Solver = keyof typeof solverTitles

export const scheduleTitles: Readonly<Record<'usual' | Spacing | SigmaSchedule, string>> = {
  usual: "The solver's usual",
  karras: 'Karras',
  exponential: 'Exponential',
  normal: 'Normal',
  simple: 'Simple',
  sgm_uniform: 'SGM uniform',
  ddim_uniform: 'DDIM uniform',
  beta: 'Beta',
  linear_quadratic: 'Linear quadratic',
  kl_optimal: 'KL optimal',
  leading: 'Timesteps, leading',
  trailing: 'Timesteps, trailing',
  linspace: 'Timesteps, on a line',
}

/** Solvers that draw best where the noise levels lie close at the end. */
const karrasSolvers: ReadonlySet<Solver> = new Set([
  'dpmpp-2s-ancestral',
  'dpmpp-sde',
  'dpmpp-2m',
  'dpmpp-2m-sde',
  'dpmpp-3m-sde',
])

/** The solver's settings, before steps and schedule. */
export function specOf(solver: Solver, convention: Convention): SchedulerSpec {
  if (solver !== 'unipc' && solver !== 'unipc-bh1') return schedulerDefaults[solver]
  const order = convention === 'comfy' ? 3 : 2
  return { ...schedulerDefaults.unipc, order, variant: solver === 'unipc' ? 'bh2' : 'bh1' }
}

export function scheduleOf(name: keyof typeof scheduleTitles, solver: Solver, convention: Convention): Schedule {
  if (name === 'leading' || name === 'trailing' || name === 'linspace') {
    return { kind: 'spaced', spacing: name, stepsOffset: 1 }
  }
  if (name !== 'usual') return { kind: 'sigmas', name }
  if (karrasSolvers.has(solver)) return { kind: 'sigmas', name: 'karras' }
  return convention === 'comfy' ? { kind: 'sigmas', name: 'normal' } : specOf(solver, convention).schedule
}
