/** How the timesteps lie on the training grid; Table 2 of arXiv 2305.08891. */
export type Spacing = 'leading' | 'trailing' | 'linspace'

/**
 * Whose grids, input scalings and noise levels the numbers follow. Under `diffusers` a seed and a spec give the
 * trajectory of the diffusers scheduler of the same name.
 */
type Convention = 'diffusers'

interface Common {
  /** Steps of a run from pure noise. */
  readonly steps: number
  readonly convention: Convention
}

interface Grid extends Common {
  readonly spacing: Spacing
  /** Added to every timestep of `leading` spacing; SD1.x and SDXL use 1. */
  readonly stepsOffset: number
}

/** What each solver needs to know, by its name. */
interface SpecOf {
  /** Multistep latent consistency sampling; Algorithm 3 of arXiv 2310.04378. */
  lcm: Common & {
    /** Size of the grid that the model was distilled on; `steps` are chosen from it. */
    readonly originalSteps: number
    /**
     * What a strength below 1 does in image to image. `truncate`: all steps run, on a grid cut off at the strength, as in
     * diffusers' latent consistency pipelines. `skip`: the first steps are left out, as in its Stable Diffusion pipelines.
     */
    readonly strengthMode: 'truncate' | 'skip'
  }
  /** Deterministic DDIM; arXiv 2010.02502, eta 0. */
  ddim: Grid & {
    /** Ends at alpha_cumprod 1 instead of at that of timestep 0, which SD1.x and SDXL use. */
    readonly setAlphaToOne: boolean
  }
  /** Euler's method on the probability flow; arXiv 2206.00364, Algorithm 2 without churn. */
  euler: Grid
  /** Euler steps to a lower noise level, then fresh noise up to the wanted one. */
  'euler-ancestral': Grid
  /** DPM-Solver++ (2M), midpoint; arXiv 2211.01095, Algorithm 2. */
  'dpmpp-2m': Grid & {
    /** Takes the noise levels of arXiv 2206.00364 (rho 7) instead of those of the spacing. */
    readonly karras: boolean
  }
}

export type SolverKind = keyof SpecOf

/** A solver and its grid, as data. The model's prediction type and the strength come at run time. */
export type SchedulerSpec<Kind extends SolverKind = SolverKind> = {
  readonly [K in Kind]: { readonly kind: K } & SpecOf[K]
}[Kind]

/** A spec of each kind with the settings that SD1.x and SDXL use in diffusers; spread one and override. */
export const schedulerDefaults: { readonly [K in SolverKind]: SchedulerSpec<K> } = {
  lcm: { kind: 'lcm', steps: 4, originalSteps: 50, strengthMode: 'truncate', convention: 'diffusers' },
  ddim: {
    kind: 'ddim',
    steps: 25,
    spacing: 'leading',
    stepsOffset: 1,
    setAlphaToOne: false,
    convention: 'diffusers',
  },
  euler: { kind: 'euler', steps: 25, spacing: 'leading', stepsOffset: 1, convention: 'diffusers' },
  'euler-ancestral': {
    kind: 'euler-ancestral',
    steps: 25,
    spacing: 'leading',
    stepsOffset: 1,
    convention: 'diffusers',
  },
  'dpmpp-2m': {
    kind: 'dpmpp-2m',
    steps: 20,
    spacing: 'linspace',
    stepsOffset: 1,
    karras: false,
    convention: 'diffusers',
  },
}
