import type { SchedulerSpec } from './scheduler.ts'

/** The networks of a checkpoint, each compiled to a session of its own. */
export type NetworkKind = 'unet' | 'text-encoder' | 'vae-encoder' | 'vae-decoder'

/** `auto`: what the checkpoint says, else its family's rule. */
export type PredictionChoice = 'auto' | 'epsilon' | 'v_prediction'

/** What a step yields when it runs. */
export type ValueKind =
  | 'model'
  | 'clip'
  | 'vae'
  | 'session'
  | 'conditioning'
  | 'scheduler'
  | 'strengths'
  | 'latent'
  | 'image'
  | 'nothing'

/**
 * Every step op with its attributes: plain JSON, all that shapes the result apart from the inputs. Names of files are the
 * document's own; the engine resolves them through the model folders.
 */
export interface StepAttributes {
  /** The UNet of a checkpoint. */
  unet: { readonly file: string; readonly prediction: PredictionChoice }
  /** The text encoder of a checkpoint; `skip` counts hidden states from the end, 1 is the last. */
  'text-encoder': { readonly file: string; readonly skip: number }
  /** The VAE of a checkpoint. */
  vae: { readonly file: string }
  /** `W + strength * (alpha / rank) * up @ down`, on a UNet or a text encoder. */
  'apply-lora': { readonly file: string; readonly strength: number }
  /** The same, with the strength as an input of the session. */
  'live-lora': { readonly file: string }
  /** What a live adapter of a session is run with. */
  strength: { readonly file: string; readonly strength: number }
  /** A network as a session of the device: the step that reads weights. */
  session: { readonly network: NetworkKind }
  'encode-prompt': { readonly text: string }
  scheduler: { readonly spec: SchedulerSpec }
  /** Sizes in pixels of the picture that it becomes. */
  'empty-latent': { readonly width: number; readonly height: number; readonly batch: number }
  'load-image': { readonly file: string }
  /** `mean`: the mode of the posterior; `sample`: drawn with the seed, as diffusers does. */
  'vae-encode': { readonly posterior: 'mean' | 'sample'; readonly seed: string }
  /** `strength` 1 starts from noise alone; below, from the latent with noise added. */
  sample: { readonly seed: string; readonly guidance: number; readonly strength: number }
  'vae-decode': Record<never, never>
  'save-image': { readonly prefix: string }
  /** A picture in the middle of the graph, for the eye. */
  'show-image': { readonly prefix: string }
  /** A latent as a preview. */
  'show-latent': Record<never, never>
  /** Nothing but the wish that a value be there. */
  need: Record<never, never>
}

export type StepOp = keyof StepAttributes

interface Signature {
  /** Kinds that each named input takes; a trailing `?` on the name says that it may be left out. */
  readonly inputs: Readonly<Record<string, readonly ValueKind[]>>
  /** The kind of the result, or the input whose kind it shares. */
  readonly output: ValueKind | { readonly sameAs: string }
  /** Effects are roots of the plan: never merged, never skipped. */
  readonly effect?: true
  /** The caller asked to see a node's result: no work of the node itself. */
  readonly shows?: true
}

/** What each op takes and gives; the verifier's and the builder's only source. */
const signatures = {
  unet: { inputs: {}, output: 'model' },
  'text-encoder': { inputs: {}, output: 'clip' },
  vae: { inputs: {}, output: 'vae' },
  'apply-lora': { inputs: { target: ['model', 'clip'] }, output: { sameAs: 'target' } },
  'live-lora': { inputs: { target: ['model', 'clip'] }, output: { sameAs: 'target' } },
  strength: { inputs: { 'others?': ['strengths'] }, output: 'strengths' },
  session: { inputs: { of: ['model', 'clip', 'vae'] }, output: 'session' },
  'encode-prompt': { inputs: { session: ['session'], 'strengths?': ['strengths'] }, output: 'conditioning' },
  scheduler: { inputs: {}, output: 'scheduler' },
  'empty-latent': { inputs: {}, output: 'latent' },
  'load-image': { inputs: {}, output: 'image' },
  'vae-encode': { inputs: { session: ['session'], image: ['image'] }, output: 'latent' },
  sample: {
    inputs: {
      session: ['session'],
      'strengths?': ['strengths'],
      positive: ['conditioning'],
      'negative?': ['conditioning'],
      latent: ['latent'],
      scheduler: ['scheduler'],
    },
    output: 'latent',
  },
  'vae-decode': { inputs: { session: ['session'], latent: ['latent'] }, output: 'image' },
  'save-image': { inputs: { image: ['image'] }, output: 'nothing', effect: true },
  'show-image': { inputs: { image: ['image'] }, output: 'nothing', effect: true, shows: true },
  'show-latent': { inputs: { latent: ['latent'] }, output: 'nothing', effect: true, shows: true },
  need: {
    inputs: { value: ['model', 'clip', 'vae', 'conditioning', 'scheduler'] },
    output: 'nothing',
    effect: true,
    shows: true,
  },
} as const satisfies Record<StepOp, Signature>

export type Signatures = typeof signatures

/** The signature of an op that is not known before run time. */
export function signatureOf(op: StepOp): Signature {
  return signatures[op]
}

/** One step of a plan; equal steps are one object (`Plan` hash-conses them), except effects. */
export interface Step<K extends ValueKind = ValueKind, Op extends StepOp = StepOp> {
  /** Position in the plan: inputs come before what uses them. */
  readonly id: number
  readonly op: Op
  readonly kind: K
  readonly inputs: Readonly<Record<string, Step>>
  readonly attributes: StepAttributes[Op]
}

/** Narrows a step to one op. */
export function isOp<Op extends StepOp>(step: Step, op: Op): step is Step & { attributes: StepAttributes[Op] } {
  return step.op === op
}
