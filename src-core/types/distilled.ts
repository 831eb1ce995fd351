/** Ways to distil a diffusion model so that few steps are enough, with their names. */
export const distillations = {
  lcm: 'LCM',
  tcd: 'TCD',
  turbo: 'Turbo',
  lightning: 'Lightning',
  hyper: 'Hyper-SD',
  dmd2: 'DMD2',
} as const
export type Distillation = keyof typeof distillations

/** How a model, or the adapter on it, was distilled. */
export interface Distilled {
  readonly method: Distillation
  /** The number of steps that it was made for, where the file says one. */
  readonly steps?: number
  /** Was made to be drawn with guidance: it has a guidance embedding, or was trained to keep its effect. */
  readonly guided?: boolean
}
