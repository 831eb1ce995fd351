/** Spacing of the timesteps on the training grid; Table 2 of arXiv 2305.08891. */
export type Spacing = 'leading' | 'trailing' | 'linspace'

/** Names of a schedule of noise levels. */
interface SigmaScheduleFacts {
  readonly title: string
  /**
   * Its name in A1111: `ending` is appended to the sampler's name, which all readers know; `type` has its own field since
   * version 1.9. Undefined where A1111 has no such schedule.
   */
  readonly a1111: { readonly ending: string } | { readonly type: string } | undefined
}

/** Schedules of noise levels, named as in ComfyUI, in the order shown. */
const sigmaRows = {
  karras: { title: 'Karras', a1111: { ending: 'Karras' } },
  exponential: { title: 'Exponential', a1111: { ending: 'Exponential' } },
  normal: { title: 'Normal', a1111: { type: 'Normal' } },
  simple: { title: 'Simple', a1111: { type: 'Simple' } },
  sgm_uniform: { title: 'SGM uniform', a1111: { type: 'SGM Uniform' } },
  ddim_uniform: { title: 'DDIM uniform', a1111: { type: 'DDIM' } },
  beta: { title: 'Beta', a1111: { type: 'Beta' } },
  linear_quadratic: { title: 'Linear quadratic', a1111: undefined },
  kl_optimal: { title: 'KL optimal', a1111: { type: 'KL Optimal' } },
} as const satisfies Readonly<Record<string, SigmaScheduleFacts>>

export type SigmaSchedule = keyof typeof sigmaRows

export const sigmaSchedules: Readonly<Record<SigmaSchedule, SigmaScheduleFacts>> = sigmaRows

/**
 * The library whose grids, fractional timesteps and initial noise levels are followed. Under `diffusers` a seed and
 * a spec give the trajectory of the diffusers scheduler of the same name, under `comfy` that of ComfyUI's sampler.
 */
export type Convention = 'diffusers' | 'comfy'

/** The noise levels of a run. */
export type Schedule =
  | {
      readonly kind: 'spaced'
      readonly spacing: Spacing
      /** Added to every timestep of `leading` spacing; SD1.x and SDXL use 1. */
      readonly stepsOffset: number
    }
  | {
      /** Timesteps picked from the grid that a model was distilled on. */
      readonly kind: 'distilled'
      readonly originalSteps: number
      /** `even`: spread over the whole grid. `stride`: at a whole stride, as in LCM's own code and old diffusers. */
      readonly picks: 'even' | 'stride'
      /**
       * The effect of a strength below 1 in image to image. `truncate`: all steps run on a grid cut at the strength,
       * as in diffusers' latent consistency pipelines. `skip`: the first steps are skipped, as in its Stable Diffusion
       * pipelines.
       */
      readonly strengthMode: 'truncate' | 'skip'
    }
  | { readonly kind: 'sigmas'; readonly name: SigmaSchedule }
  /** Decreasing integers, one for each step. */
  | { readonly kind: 'timesteps'; readonly timesteps: readonly number[] }

/** Settings of single solvers, besides steps and schedule. */
interface SettingsOf {
  tcd: {
    /** Share of fresh noise in each step, `gamma` in the paper: 0 is deterministic, 1 is LCM's sampling. */
    readonly eta: number
  }
  ddim: {
    /** Ends at alpha_cumprod 1 instead of that of timestep 0 (as in SD1.x and SDXL). Used only under `diffusers`. */
    readonly setAlphaToOne: boolean
  }
  unipc: {
    readonly order: 1 | 2 | 3
    /** The choice of `B(h)`: bh1 is better with few steps, bh2 with guidance. */
    readonly variant: 'bh1' | 'bh2'
  }
}

/** The group of diffusers' schedulers that a solver behaves like. */
type Kin =
  /** As k-diffusion: fractional timesteps, and initial noise scaled by sigma. */
  | 'exploding'
  /** As DPM-Solver: integer timesteps from a grid with one extra entry, variance preserving. */
  | 'multistep'
  /** As DDPM: integer timesteps, variance preserving. */
  | 'preserving'

/** Names and defaults of a solver. */
interface SolverFacts {
  readonly title: string
  /** Its name in A1111. */
  readonly a1111: string
  readonly kin: Kin
  /** Works best with noise levels that are dense at the end. */
  readonly karras?: true
  /** ComfyUI computes one extra level and drops the last one above 0. */
  readonly dropsLast?: true
  /** Default of SD1.x and SDXL in diffusers. */
  readonly steps: number
  readonly schedule: Schedule
  readonly settings?: object
}

const leading = { kind: 'spaced', spacing: 'leading', stepsOffset: 1 } as const
const linspace = { kind: 'spaced', spacing: 'linspace', stepsOffset: 1 } as const
const distilled = { kind: 'distilled', originalSteps: 50, picks: 'even', strengthMode: 'truncate' } as const

const exploding = { kin: 'exploding', steps: 25, schedule: leading } as const
const multistep = { kin: 'multistep', steps: 25, schedule: linspace } as const
const preserving = { kin: 'preserving', steps: 25, schedule: leading } as const
const fewStep = { kin: 'preserving', steps: 4, schedule: distilled } as const
const karras = true

const rows = {
  /** Deterministic DDIM; arXiv 2010.02502, eta 0. */
  ddim: { title: 'DDIM', a1111: 'DDIM', ...preserving, settings: { setAlphaToOne: false } },
  /** Ancestral sampling; arXiv 2006.11239, Algorithm 2. */
  ddpm: { title: 'DDPM', a1111: 'DDPM', ...preserving },
  /** Euler's method on the probability flow; arXiv 2206.00364, Algorithm 2 without churn. */
  euler: { title: 'Euler', a1111: 'Euler', ...exploding },
  /** Euler steps to a lower noise level, then fresh noise up to the wanted one. */
  'euler-ancestral': { title: 'Euler ancestral', a1111: 'Euler a', ...exploding },
  /** Heun's method; arXiv 2206.00364, Algorithm 1. */
  heun: { title: 'Heun', a1111: 'Heun', ...exploding },
  /** DPM-Solver-2, the midpoint method in log sigma; arXiv 2206.00927. */
  'dpm-2': { title: 'DPM2', a1111: 'DPM2', ...exploding, dropsLast: true },
  'dpm-2-ancestral': { title: 'DPM2 ancestral', a1111: 'DPM2 a', ...exploding, dropsLast: true },
  /** DPM-Solver++ (2S), ancestral; arXiv 2211.01095, Algorithm 1. */
  'dpmpp-2s-ancestral': { title: 'DPM++ 2S ancestral', a1111: 'DPM++ 2S a', ...multistep, karras },
  /** DPM-Solver++ (2S) on the diffusion SDE, with noise also at the midpoint. */
  'dpmpp-sde': { title: 'DPM++ SDE', a1111: 'DPM++ SDE', ...exploding, schedule: linspace, karras },
  /** DPM-Solver++ (2M), midpoint; arXiv 2211.01095, Algorithm 2. */
  'dpmpp-2m': { title: 'DPM++ 2M', a1111: 'DPM++ 2M', ...multistep, steps: 20, karras },
  /** SDE-DPM-Solver++ (2M), midpoint; arXiv 2211.01095, section 5. */
  'dpmpp-2m-sde': { title: 'DPM++ 2M SDE', a1111: 'DPM++ 2M SDE', ...multistep, karras },
  /** SDE-DPM-Solver++ of third order. */
  'dpmpp-3m-sde': { title: 'DPM++ 3M SDE', a1111: 'DPM++ 3M SDE', ...multistep, karras },
  /** Linear multistep method of order 4 in sigma. */
  lms: { title: 'LMS', a1111: 'LMS', ...exploding },
  /** Adams-Bashforth coefficients for equal steps, up to order 4; arXiv 2204.13902, iPNDM. */
  ipndm: { title: 'iPNDM', a1111: 'IPNDM', ...exploding },
  /** Exponential multistep; arXiv 2204.13902, tAB-DEIS, or rho in log sigma under `diffusers`. */
  deis: { title: 'DEIS', a1111: 'DEIS', ...multistep },
  /** UniPC: predictor and corrector of the same order; arXiv 2302.04867. */
  unipc: {
    title: 'UniPC',
    a1111: 'UniPC',
    ...multistep,
    dropsLast: true,
    settings: { order: 2, variant: 'bh2' },
  },
  /** RES, second order multistep; arXiv 2308.02157. */
  'res-multistep': { title: 'RES multistep', a1111: 'Res Multistep', ...exploding },
  /** Euler with extrapolated gradients; arXiv 2306.04848, gamma 2. */
  'gradient-estimation': { title: 'Gradient estimation', a1111: 'Gradient Estimation', ...exploding },
  /** Multistep latent consistency sampling; Algorithm 3 of arXiv 2310.04378. */
  lcm: { title: 'LCM', a1111: 'LCM', ...fewStep },
  /** Trajectory consistency sampling; Algorithm 4 of arXiv 2402.19159. */
  tcd: { title: 'TCD', a1111: 'TCD', ...fewStep, settings: { eta: 0.3 } },
} as const satisfies Readonly<Record<string, SolverFacts>> & {
  readonly [K in keyof SettingsOf]: SolverFacts & { readonly settings: SettingsOf[K] }
}

type Rows = typeof rows
export type SolverKind = keyof Rows
/** Solvers for models without distillation. */
export type PlainSolver = {
  [K in SolverKind]: Rows[K]['schedule'] extends { kind: 'distilled' } ? never : K
}[SolverKind]

export const solvers: Readonly<Record<SolverKind, SolverFacts>> = rows
export const solverKinds = Object.keys(rows) as SolverKind[]

interface Common {
  /** Steps of a run from pure noise. Equals the number of explicit timesteps. */
  readonly steps: number
  readonly convention: Convention
  readonly schedule: Schedule
  /** The schedule is the solver's usual one. A model that was made for another replaces it. */
  readonly usual?: true
}

/** A solver and its schedule, as data. The model's prediction type and the strength come at run time. */
export type SchedulerSpec<Kind extends SolverKind = SolverKind> = {
  readonly [K in Kind]: { readonly kind: K } & Common & (K extends keyof SettingsOf ? SettingsOf[K] : object)
}[Kind]

/** The noise levels that lie like a spacing, under names of ComfyUI. Undefined: they replace none. */
const likeSpacing: Readonly<Record<Spacing, SigmaSchedule | undefined>> = {
  leading: undefined,
  trailing: 'sgm_uniform',
  linspace: 'normal',
}

/**
 * The spec for a model: its own schedule in place of a usual one. The leading timesteps that nearly all folders name do
 * not replace noise levels that suit a solver better.
 * @param own the schedule that the model asks for
 */
export function settledSpec(spec: SchedulerSpec, own: Schedule | undefined): SchedulerSpec {
  const { usual, ...rest } = spec
  const schedule = usual && own && (spec.convention === 'comfy' ? asLevels(own) : own)
  if (!schedule) return spec
  const isPlain = schedule.kind === 'spaced' && schedule.spacing === 'leading'
  return isPlain && spec.schedule.kind !== 'spaced' ? spec : { ...rest, schedule }
}

function asLevels(own: Schedule): Schedule | undefined {
  if (own.kind !== 'spaced') return own
  const name = likeSpacing[own.spacing]
  return name && { kind: 'sigmas', name }
}

/** A spec of each kind with the settings of SD1.x and SDXL in diffusers; spread one and override. */
export const schedulerDefaults = Object.fromEntries(
  solverKinds.map((kind) => {
    const { steps, schedule, settings } = solvers[kind]
    return [kind, { kind, steps, convention: 'diffusers', schedule, ...settings }]
  }),
) as Defaults

type Defaults = {
  readonly [K in SolverKind]: SchedulerSpec<K> & { readonly schedule: Rows[K]['schedule'] }
}
