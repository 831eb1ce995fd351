/** Methods of distilling a diffusion model for few steps, with their names. */
export const distillations = {
  lcm: 'LCM',
  tcd: 'TCD',
  turbo: 'Turbo',
  lightning: 'Lightning',
  hyper: 'Hyper-SD',
  dmd2: 'DMD2',
  pcm: 'PCM',
  flash: 'Flash Diffusion',
} as const
export type Distillation = keyof typeof distillations

/** The distillation of a model, or of the adapter on it. */
export interface Distilled {
  readonly method: Distillation
  /** The number of steps that it was made for, if the file says so. */
  readonly steps?: number
  /** Works with guidance: it has a guidance embedding, or was trained to keep the effect of guidance. */
  readonly guided?: boolean
}

/** The distillation that a file shows. */
export interface DetectedDistillation {
  readonly distilled: Distilled
  /** `certain` by what no other file has. `likely` by a name, which may mean something else: the artist decides. */
  readonly confidence: 'certain' | 'likely'
  /** What shows it, as a noun phrase: "its name". */
  readonly evidence: string
}
