import type { BaseFamily } from '../families/families.ts'
import type { Composition } from './composition.ts'
import type { ConditioningCombination, ConditioningEdit, Emphasis } from './conditioning-edit.ts'
import type { ImageEdit } from './image-edit.ts'
import type { LatentCombination, LatentEdit } from './latent-edit.ts'
import type { MaskCombination, MaskEdit, MaskSource } from './mask-edit.ts'
import type { SchedulerSpec } from './scheduler.ts'

/** Half a VAE as one network, or cut in two: tiles of a picture go through the outer part, all of it at once through the inner one. */
export type VaePart = 'encoder' | 'encoder-outer' | 'encoder-inner' | 'decoder' | 'decoder-inner' | 'decoder-outer'

/** The networks of a checkpoint, each compiled to a session of its own. */
export type NetworkKind = 'unet' | 'text-encoder' | `vae-${VaePart}`

/** How a picture is cut for a VAE, in pixels: sides of a tile at most, and what neighbours share at least. */
export interface Tiles {
  readonly tile: number
  readonly overlap: number
}

/** `auto`: what the checkpoint says, else its family's rule. */
export type PredictionChoice = 'auto' | 'epsilon' | 'v_prediction'

/**
 * Whose noise PyTorch draws from a seed: a processor's, a GPU's, or a processor's at the start and a GPU's in the steps.
 * `none` adds none at the start, for a latent that has some left.
 */
export type NoiseDevice = 'cpu' | 'gpu' | 'gpu-steps' | 'none'

/** Some of the steps of a run. */
export interface RunPart {
  /** The first step, counted from 0. */
  readonly start: number
  /** The step before which it ends; beyond the last step, where the run ends. */
  readonly end: number
  /** Gives the latent with the noise that the steps left out would have taken away. */
  readonly keepsNoise: boolean
}

/** The noise of a batch: one draw of the seed for all, or for each picture that of the seed plus its place. */
export type BatchSeeds = 'batch' | 'each'

/** What the numbers of a saved model are rounded to. */
export type SavedDtype = 'F16' | 'BF16' | 'F32'

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
  | 'mask'
  | 'cells'
  | 'nothing'

/**
 * Every step op with its attributes: plain JSON, all that shapes the result apart from the inputs. Names of files are the
 * document's own; the engine resolves them through the model folders.
 */
export interface StepAttributes {
  /** The UNet of a checkpoint, or of a file of its own. */
  unet: { readonly file: string; readonly prediction: PredictionChoice }
  /**
   * The text encoders of a checkpoint, or of files of their own: SDXL has two. `skip` counts hidden states from the end, 1 is what
   * the family was trained with.
   */
  'text-encoder': { readonly file: string; readonly file2?: string; readonly skip: number }
  /** The VAE of a checkpoint, or of a file of its own; `scaling` is a family's, if not what the file says. */
  vae: { readonly file: string; readonly scaling?: BaseFamily }
  /** `W + strength * (alpha / rank) * up @ down`, on a UNet or a text encoder. */
  'apply-lora': { readonly file: string; readonly strength: number }
  /** The same, with the strength as an input of the session. */
  'live-lora': { readonly file: string }
  /** What a live adapter of a session is run with. */
  strength: { readonly file: string; readonly strength: number }
  /** `(1 - share) W + share V`, adapters included, of two networks of one shape. */
  merge: { readonly share: number }
  /** A network as a session of the device: the step that reads weights. */
  session: { readonly network: NetworkKind }
  /** `text2` is what the second text encoder reads, if it is not the same; `emphasis` is `comfy` if left out. */
  'encode-prompt': { readonly text: string; readonly text2?: string; readonly emphasis?: Emphasis }
  /** The text encoder with another hidden state as its context. */
  'clip-skip': { readonly skip: number }
  'edit-conditioning': { readonly edit: ConditioningEdit }
  'combine-conditionings': { readonly how: ConditioningCombination }
  /** Restricts a conditioning to a mask; `strength` multiplies how much it counts beside others. */
  'mask-conditioning': { readonly strength: number }
  scheduler: { readonly spec: SchedulerSpec }
  /** Sizes in pixels of the picture that it becomes. */
  'empty-latent': { readonly width: number; readonly height: number; readonly batch: number }
  'edit-latent': { readonly edit: LatentEdit }
  'combine-latents': { readonly how: LatentCombination }
  /** Restricts the drawing to a mask; the mask is scaled to the latent's size and stays soft. */
  'set-noise-mask': Record<never, never>
  /** A mask of zeros and ones, scaled to the picture's size. */
  'harden-mask': Record<never, never>
  /** The picture with mid-grey where the mask is 1. */
  'grey-out': Record<never, never>
  /** A latent that is drawn in a mask of zeros and ones, with what inpainting UNets are shown beside it. */
  'inpaint-latent': Record<never, never>
  'load-image': { readonly file: string }
  /** What is transparent in a picture file. */
  'load-mask': { readonly file: string }
  'edit-image': { readonly edit: ImageEdit }
  'composite-images': Composition
  /** One batch, the first's pictures before the second's. */
  'batch-images': Record<never, never>
  /** A picture for a grid of so many, rounded to what a file holds. */
  cell: { readonly of: number }
  /** The second's pictures behind the first's. */
  'join-cells': Record<never, never>
  /** Labels of the columns and rows; the cells come row by row. */
  grid: { readonly columns: readonly string[]; readonly rows: readonly string[] }
  'image-to-mask': { readonly source: MaskSource }
  'mask-to-image': Record<never, never>
  'solid-mask': { readonly value: number; readonly width: number; readonly height: number }
  'edit-mask': { readonly edit: MaskEdit }
  'combine-masks': { readonly how: MaskCombination }
  /** `mean`: the mode of the posterior; `sample`: drawn with the seed, as diffusers does. */
  'vae-encode': { readonly posterior: 'mean' | 'sample'; readonly seed: string }
  'vae-encode-tiled': StepAttributes['vae-encode'] & Tiles
  /**
   * `strength` 1 starts from noise alone; below, from the latent with noise added. `noise` is `cpu` and `batchSeeds` is
   * `batch` if left out.
   */
  sample: {
    readonly seed: string
    readonly guidance: number
    readonly strength: number
    readonly noise?: NoiseDevice
    readonly batchSeeds?: BatchSeeds
    /** Absent: all steps. */
    readonly part?: RunPart
  }
  'vae-decode': Record<never, never>
  'vae-decode-tiled': Tiles
  'save-image': { readonly prefix: string }
  /** A whole checkpoint as one file. */
  'save-checkpoint': { readonly prefix: string; readonly dtype: SavedDtype }
  /** The sum of the adapters that a model and a text encoder have, as one LoRA. */
  'save-lora': { readonly prefix: string; readonly dtype: SavedDtype }
  /** What a model has and its base has not, as a LoRA of this rank. */
  'extract-lora': { readonly prefix: string; readonly dtype: SavedDtype; readonly rank: number }
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
  merge: { inputs: { target: ['model', 'clip'], other: ['model', 'clip'] }, output: { sameAs: 'target' } },
  session: { inputs: { of: ['model', 'clip', 'vae'] }, output: 'session' },
  'encode-prompt': { inputs: { session: ['session'], 'strengths?': ['strengths'] }, output: 'conditioning' },
  'clip-skip': { inputs: { clip: ['clip'] }, output: 'clip' },
  'edit-conditioning': { inputs: { conditioning: ['conditioning'] }, output: 'conditioning' },
  'combine-conditionings': { inputs: { first: ['conditioning'], second: ['conditioning'] }, output: 'conditioning' },
  'mask-conditioning': { inputs: { conditioning: ['conditioning'], mask: ['mask'] }, output: 'conditioning' },
  scheduler: { inputs: {}, output: 'scheduler' },
  'empty-latent': { inputs: {}, output: 'latent' },
  'edit-latent': { inputs: { latent: ['latent'] }, output: 'latent' },
  'combine-latents': { inputs: { first: ['latent'], second: ['latent'] }, output: 'latent' },
  'set-noise-mask': { inputs: { latent: ['latent'], mask: ['mask'] }, output: 'latent' },
  'harden-mask': { inputs: { mask: ['mask'], image: ['image'] }, output: 'mask' },
  'grey-out': { inputs: { image: ['image'], mask: ['mask'] }, output: 'image' },
  'inpaint-latent': { inputs: { latent: ['latent'], masked: ['latent'], mask: ['mask'] }, output: 'latent' },
  'load-image': { inputs: {}, output: 'image' },
  'load-mask': { inputs: {}, output: 'mask' },
  'edit-image': { inputs: { image: ['image'] }, output: 'image' },
  'composite-images': { inputs: { background: ['image'], layer: ['image'], 'mask?': ['mask'] }, output: 'image' },
  'batch-images': { inputs: { first: ['image'], second: ['image'] }, output: 'image' },
  cell: { inputs: { image: ['image'] }, output: 'cells' },
  'join-cells': { inputs: { first: ['cells'], second: ['cells'] }, output: 'cells' },
  grid: { inputs: { cells: ['cells'] }, output: 'image' },
  'image-to-mask': { inputs: { image: ['image'] }, output: 'mask' },
  'mask-to-image': { inputs: { mask: ['mask'] }, output: 'image' },
  'solid-mask': { inputs: {}, output: 'mask' },
  'edit-mask': { inputs: { mask: ['mask'] }, output: 'mask' },
  'combine-masks': { inputs: { first: ['mask'], second: ['mask'] }, output: 'mask' },
  'vae-encode': { inputs: { session: ['session'], image: ['image'] }, output: 'latent' },
  'vae-encode-tiled': {
    inputs: { outer: ['session'], inner: ['session'], image: ['image'] },
    output: 'latent',
  },
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
  'vae-decode-tiled': {
    inputs: { inner: ['session'], outer: ['session'], latent: ['latent'] },
    output: 'image',
  },
  'save-image': { inputs: { image: ['image'] }, output: 'nothing', effect: true },
  'save-checkpoint': {
    inputs: { model: ['model'], 'clip?': ['clip'], 'vae?': ['vae'] },
    output: 'nothing',
    effect: true,
  },
  'save-lora': { inputs: { model: ['model'], 'clip?': ['clip'] }, output: 'nothing', effect: true },
  'extract-lora': { inputs: { model: ['model'], base: ['model'] }, output: 'nothing', effect: true },
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
