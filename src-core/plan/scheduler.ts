/** How the timesteps lie on the training grid; Table 2 of arXiv 2305.08891. */
export type Spacing = 'leading' | 'trailing' | 'linspace'

/** Schedules of noise levels, by ComfyUI's names. */
export type SigmaSchedule =
  | 'simple'
  | 'sgm_uniform'
  | 'karras'
  | 'exponential'
  | 'ddim_uniform'
  | 'beta'
  | 'normal'
  | 'linear_quadratic'
  | 'kl_optimal'

/**
 * Whose grids, timesteps between the grid's and noise levels at the start the numbers follow. Under `diffusers` a seed and
 * a spec give the trajectory of the diffusers scheduler of the same name, under `comfy` that of ComfyUI's sampler.
 */
export type Convention = 'diffusers' | 'comfy'

/** Where the noise levels of a run lie. */
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
      /** `even`: spread over the whole grid. `stride`: a whole stride, as the authors of LCM and old diffusers have it. */
      readonly picks: 'even' | 'stride'
      /**
       * What a strength below 1 does in image to image. `truncate`: all steps run, on a grid cut off at the strength, as in
       * diffusers' latent consistency pipelines. `skip`: the first steps are left out, as in its Stable Diffusion pipelines.
       */
      readonly strengthMode: 'truncate' | 'skip'
    }
  | { readonly kind: 'sigmas'; readonly name: SigmaSchedule }
  /** Falling whole timesteps, one for each step. */
  | { readonly kind: 'timesteps'; readonly timesteps: readonly number[] }

/** What a solver needs to know besides its steps and its schedule, by its name. */
interface SettingsOf {
  /** Multistep latent consistency sampling; Algorithm 3 of arXiv 2310.04378. */
  lcm: object
  /** Trajectory consistency sampling; Algorithm 4 of arXiv 2402.19159. */
  tcd: {
    /** Share of fresh noise in each step, `gamma` in the paper: 0 is deterministic, 1 is LCM's sampling. */
    readonly eta: number
  }
  /** Deterministic DDIM; arXiv 2010.02502, eta 0. */
  ddim: {
    /** Ends at alpha_cumprod 1 instead of at that of timestep 0, which SD1.x and SDXL use. Counts under `diffusers`. */
    readonly setAlphaToOne: boolean
  }
  /** Ancestral sampling; arXiv 2006.11239, Algorithm 2. */
  ddpm: object
  /** Euler's method on the probability flow; arXiv 2206.00364, Algorithm 2 without churn. */
  euler: object
  /** Euler steps to a lower noise level, then fresh noise up to the wanted one. */
  'euler-ancestral': object
  /** Heun's method; arXiv 2206.00364, Algorithm 1. */
  heun: object
  /** DPM-Solver-2, the midpoint method in log sigma; arXiv 2206.00927. */
  'dpm-2': object
  'dpm-2-ancestral': object
  /** DPM-Solver++ (2S), ancestral; arXiv 2211.01095, Algorithm 1. */
  'dpmpp-2s-ancestral': object
  /** DPM-Solver++ (2S) on the diffusion SDE, noise within the step too. */
  'dpmpp-sde': object
  /** DPM-Solver++ (2M), midpoint; arXiv 2211.01095, Algorithm 2. */
  'dpmpp-2m': object
  /** SDE-DPM-Solver++ (2M), midpoint; arXiv 2211.01095, section 5. */
  'dpmpp-2m-sde': object
  /** The same of third order. */
  'dpmpp-3m-sde': object
  /** Linear multistep method of order 4 in sigma. */
  lms: object
  /** Adams-Bashforth coefficients of even steps, up to order 4; arXiv 2204.13902, iPNDM. */
  ipndm: object
  /** Exponential multistep; arXiv 2204.13902, tAB-DEIS, or rho in log sigma under `diffusers`. */
  deis: object
  /** UniPC: predictor and corrector of one order; arXiv 2302.04867. */
  unipc: {
    readonly order: 1 | 2 | 3
    /** Whose `B(h)`: bh1 is better in few steps, bh2 under guidance. */
    readonly variant: 'bh1' | 'bh2'
  }
  /** RES, second order multistep; arXiv 2308.02157. */
  'res-multistep': object
  /** Euler with extrapolated gradients; arXiv 2306.04848, gamma 2. */
  'gradient-estimation': object
}

export type SolverKind = keyof SettingsOf

interface Common {
  /** Steps of a run from pure noise: as many as explicit timesteps. */
  readonly steps: number
  readonly convention: Convention
  readonly schedule: Schedule
}

/** A solver and its schedule, as data. The model's prediction type and the strength come at run time. */
export type SchedulerSpec<Kind extends SolverKind = SolverKind> = {
  readonly [K in Kind]: { readonly kind: K } & Common & SettingsOf[K]
}[Kind]

const leading: Schedule = { kind: 'spaced', spacing: 'leading', stepsOffset: 1 }
const linspace: Schedule = { kind: 'spaced', spacing: 'linspace', stepsOffset: 1 }
const distilled = { kind: 'distilled', originalSteps: 50, picks: 'even', strengthMode: 'truncate' } as const
const diffusers = { steps: 25, convention: 'diffusers' } as const

/** A spec of each kind with the settings that SD1.x and SDXL use in diffusers; spread one and override. */
export const schedulerDefaults = {
  lcm: { kind: 'lcm', ...diffusers, steps: 4, schedule: distilled },
  tcd: { kind: 'tcd', ...diffusers, steps: 4, schedule: distilled, eta: 0.3 },
  ddim: { kind: 'ddim', ...diffusers, schedule: leading, setAlphaToOne: false },
  ddpm: { kind: 'ddpm', ...diffusers, schedule: leading },
  euler: { kind: 'euler', ...diffusers, schedule: leading },
  'euler-ancestral': { kind: 'euler-ancestral', ...diffusers, schedule: leading },
  heun: { kind: 'heun', ...diffusers, schedule: leading },
  'dpm-2': { kind: 'dpm-2', ...diffusers, schedule: leading },
  'dpm-2-ancestral': { kind: 'dpm-2-ancestral', ...diffusers, schedule: leading },
  'dpmpp-2s-ancestral': { kind: 'dpmpp-2s-ancestral', ...diffusers, schedule: linspace },
  'dpmpp-sde': { kind: 'dpmpp-sde', ...diffusers, schedule: linspace },
  'dpmpp-2m': { kind: 'dpmpp-2m', ...diffusers, steps: 20, schedule: linspace },
  'dpmpp-2m-sde': { kind: 'dpmpp-2m-sde', ...diffusers, schedule: linspace },
  'dpmpp-3m-sde': { kind: 'dpmpp-3m-sde', ...diffusers, schedule: linspace },
  lms: { kind: 'lms', ...diffusers, schedule: leading },
  ipndm: { kind: 'ipndm', ...diffusers, schedule: leading },
  deis: { kind: 'deis', ...diffusers, schedule: linspace },
  unipc: { kind: 'unipc', ...diffusers, schedule: linspace, order: 2, variant: 'bh2' },
  'res-multistep': { kind: 'res-multistep', ...diffusers, schedule: leading },
  'gradient-estimation': { kind: 'gradient-estimation', ...diffusers, schedule: leading },
} as const satisfies { readonly [K in SolverKind]: SchedulerSpec<K> }
