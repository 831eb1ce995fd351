import type { TrainingChoice } from '../families/training.ts'
import type {
  NetworkKind,
  Prompt,
  Sampling,
  Saving,
  TextEncoderSource,
  Tiles,
  VaeEncoding,
  VaeSource,
} from './attributes.ts'
import type { Composition } from './composition.ts'
import type { ConditioningCombination, ConditioningEdit } from './conditioning-edit.ts'
import type { ImageEdit } from './image-edit.ts'
import type { LatentCombination, LatentEdit } from './latent-edit.ts'
import type { MaskCombination, MaskEdit, MaskSource } from './mask-edit.ts'
import type { SchedulerSpec } from './scheduler.ts'

const valueKinds = [
  'model',
  'clip',
  'vae',
  'session',
  'conditioning',
  'scheduler',
  'strengths',
  'latent',
  'image',
  'mask',
  'cells',
  'nothing',
] as const

/** Kind of a step's result. */
export type ValueKind = (typeof valueKinds)[number]

/** Carries a type in a row of the table; empty at run time. */
interface Typed<T> {
  readonly type?: T
}

const of = <T extends object>(): Typed<T> => ({})

/** For ops without attributes. */
const none = of<Record<never, never>>()

/** The signature of an op. */
interface Op {
  /**
   * Plain JSON: everything besides the inputs that affects the result. File names are as in the document; the engine
   * resolves them through the model folders.
   */
  readonly attributes: Typed<object>
  /** The accepted kinds of each input, or the input whose kind it shares. */
  readonly inputs: Readonly<Record<string, readonly ValueKind[] | SameAs>>
  /** Inputs that may be left out. */
  readonly optional?: Readonly<Record<string, readonly ValueKind[]>>
  /** The kind of the result, or the input whose kind it shares. */
  readonly output: ValueKind | SameAs
  /** Effects are roots of the plan: never merged, never skipped. */
  readonly effect?: true
  /** Shows a node's result at the caller's request, which is not part of the node's own work. */
  readonly shows?: true
  /** Reads only the headers of files. It takes milliseconds and detects files that do not fit together. */
  readonly readsHeadersOnly?: true
}

interface SameAs {
  readonly sameAs: string
}

const adaptable = ['model', 'clip'] as const

/** All ops. The plan, its verifier and the engine's rules for running steps take their types from these rows. */
const table = {
  /**
   * The UNet of a checkpoint or of a separate file. With a `keyStride` its largest self-attention looks at every n-th pixel of
   * the latent in both directions only.
   */
  unet: {
    attributes: of<{ readonly file: string; readonly keyStride?: number } & TrainingChoice>(),
    inputs: {},
    output: 'model',
    readsHeadersOnly: true,
  },
  'text-encoder': { attributes: of<TextEncoderSource>(), inputs: {}, output: 'clip', readsHeadersOnly: true },
  vae: { attributes: of<VaeSource>(), inputs: {}, output: 'vae', readsHeadersOnly: true },
  /** `W + strength * (alpha / rank) * up @ down`, on a UNet or a text encoder. */
  'apply-lora': {
    attributes: of<{ readonly file: string; readonly strength: number }>(),
    inputs: { target: adaptable },
    output: { sameAs: 'target' },
    readsHeadersOnly: true,
  },
  /** An `apply-lora` whose strength is an input of the session. */
  'live-lora': {
    attributes: of<{ readonly file: string }>(),
    inputs: { target: adaptable },
    output: { sameAs: 'target' },
    readsHeadersOnly: true,
  },
  /** The strength of a live adapter of a session. */
  strength: {
    attributes: of<{ readonly file: string; readonly strength: number }>(),
    inputs: {},
    optional: { others: ['strengths'] },
    output: 'strengths',
  },
  /** `(1 - share) W + share V` of two networks of the same shape, including their adapters. */
  merge: {
    attributes: of<{ readonly share: number }>(),
    inputs: { target: adaptable, other: { sameAs: 'target' } },
    output: { sameAs: 'target' },
    readsHeadersOnly: true,
  },
  /** Compiles a network to a session on the device. This step reads the weights. */
  session: {
    attributes: of<{ readonly network: NetworkKind }>(),
    inputs: { of: ['model', 'clip', 'vae'] },
    output: 'session',
  },
  'encode-prompt': {
    attributes: of<Prompt>(),
    inputs: { session: ['session'] },
    optional: { strengths: ['strengths'] },
    output: 'conditioning',
  },
  /** The text encoder with another hidden state as its context. */
  'clip-skip': {
    attributes: of<{ readonly skip: number }>(),
    inputs: { clip: ['clip'] },
    output: 'clip',
    readsHeadersOnly: true,
  },
  'edit-conditioning': {
    attributes: of<{ readonly edit: ConditioningEdit }>(),
    inputs: { conditioning: ['conditioning'] },
    output: 'conditioning',
  },
  'combine-conditionings': {
    attributes: of<{ readonly how: ConditioningCombination }>(),
    inputs: { first: ['conditioning'], second: ['conditioning'] },
    output: 'conditioning',
  },
  /** Restricts a conditioning to a mask. `strength` multiplies its weight relative to other conditionings. */
  'mask-conditioning': {
    attributes: of<{ readonly strength: number }>(),
    inputs: { conditioning: ['conditioning'], mask: ['mask'] },
    output: 'conditioning',
  },
  scheduler: { attributes: of<{ readonly spec: SchedulerSpec }>(), inputs: {}, output: 'scheduler' },
  /** Sizes are in pixels of the picture. */
  'empty-latent': {
    attributes: of<{ readonly width: number; readonly height: number; readonly batch: number }>(),
    inputs: {},
    output: 'latent',
  },
  'edit-latent': {
    attributes: of<{ readonly edit: LatentEdit }>(),
    inputs: { latent: ['latent'] },
    output: 'latent',
  },
  'combine-latents': {
    attributes: of<{ readonly how: LatentCombination }>(),
    inputs: { first: ['latent'], second: ['latent'] },
    output: 'latent',
  },
  /** Restricts sampling to a mask. The mask is scaled to the latent's size and stays soft. */
  'set-noise-mask': { attributes: none, inputs: { latent: ['latent'], mask: ['mask'] }, output: 'latent' },
  /** Scales a mask to the picture's size and rounds it to zeros and ones. */
  'harden-mask': { attributes: none, inputs: { mask: ['mask'], image: ['image'] }, output: 'mask' },
  /** Fills the picture with mid-grey where the mask is 1. */
  'grey-out': { attributes: none, inputs: { image: ['image'], mask: ['mask'] }, output: 'image' },
  /** A latent to draw in a mask of zeros and ones, with the extra inputs of inpainting UNets. */
  'inpaint-latent': {
    attributes: none,
    inputs: { latent: ['latent'], masked: ['latent'], mask: ['mask'] },
    output: 'latent',
  },
  'load-image': { attributes: of<{ readonly file: string }>(), inputs: {}, output: 'image' },
  /** The transparency of a picture file. */
  'load-mask': { attributes: of<{ readonly file: string }>(), inputs: {}, output: 'mask' },
  'edit-image': { attributes: of<{ readonly edit: ImageEdit }>(), inputs: { image: ['image'] }, output: 'image' },
  'composite-images': {
    attributes: of<Composition>(),
    inputs: { background: ['image'], layer: ['image'] },
    optional: { mask: ['mask'] },
    output: 'image',
  },
  /** One batch: the pictures of the first, then those of the second. */
  'batch-images': { attributes: none, inputs: { first: ['image'], second: ['image'] }, output: 'image' },
  /** A picture for a grid of `of` pictures, rounded to 8 bits. */
  cell: { attributes: of<{ readonly of: number }>(), inputs: { image: ['image'] }, output: 'cells' },
  /** The cells of the first, then those of the second. */
  'join-cells': { attributes: none, inputs: { first: ['cells'], second: ['cells'] }, output: 'cells' },
  /** The attributes are the labels of columns and rows. The cells come row by row. */
  grid: {
    attributes: of<{ readonly columns: readonly string[]; readonly rows: readonly string[] }>(),
    inputs: { cells: ['cells'] },
    output: 'image',
  },
  'image-to-mask': { attributes: of<{ readonly source: MaskSource }>(), inputs: { image: ['image'] }, output: 'mask' },
  'mask-to-image': { attributes: none, inputs: { mask: ['mask'] }, output: 'image' },
  'solid-mask': {
    attributes: of<{ readonly value: number; readonly width: number; readonly height: number }>(),
    inputs: {},
    output: 'mask',
  },
  'edit-mask': { attributes: of<{ readonly edit: MaskEdit }>(), inputs: { mask: ['mask'] }, output: 'mask' },
  'combine-masks': {
    attributes: of<{ readonly how: MaskCombination }>(),
    inputs: { first: ['mask'], second: ['mask'] },
    output: 'mask',
  },
  'vae-encode': {
    attributes: of<VaeEncoding>(),
    inputs: { session: ['session'], image: ['image'] },
    output: 'latent',
  },
  'vae-encode-tiled': {
    attributes: of<VaeEncoding & Tiles>(),
    inputs: { outer: ['session'], inner: ['session'], image: ['image'] },
    output: 'latent',
  },
  sample: {
    attributes: of<Sampling>(),
    inputs: { session: ['session'], positive: ['conditioning'], latent: ['latent'], scheduler: ['scheduler'] },
    optional: { strengths: ['strengths'], negative: ['conditioning'] },
    output: 'latent',
  },
  'vae-decode': { attributes: none, inputs: { session: ['session'], latent: ['latent'] }, output: 'image' },
  'vae-decode-tiled': {
    attributes: of<Tiles>(),
    inputs: { inner: ['session'], outer: ['session'], latent: ['latent'] },
    output: 'image',
  },
  'save-image': {
    attributes: of<{ readonly prefix: string }>(),
    inputs: { image: ['image'] },
    output: 'nothing',
    effect: true,
  },
  /** A whole checkpoint as one file. */
  'save-checkpoint': {
    attributes: of<Saving>(),
    inputs: { model: ['model'] },
    optional: { clip: ['clip'], vae: ['vae'] },
    output: 'nothing',
    effect: true,
  },
  /** Saves the sum of the adapters on a model and a text encoder as one LoRA. */
  'save-lora': {
    attributes: of<Saving>(),
    inputs: { model: ['model'] },
    optional: { clip: ['clip'] },
    output: 'nothing',
    effect: true,
  },
  /** Saves the difference between a model and its base as a LoRA of this rank. */
  'extract-lora': {
    attributes: of<Saving & { readonly rank: number }>(),
    inputs: { model: ['model'], base: ['model'] },
    output: 'nothing',
    effect: true,
  },
  /** Shows a picture without saving it. */
  'show-image': {
    attributes: of<{ readonly prefix: string }>(),
    inputs: { image: ['image'] },
    output: 'nothing',
    effect: true,
    shows: true,
  },
  /** Shows a preview of a latent. */
  'show-latent': { attributes: none, inputs: { latent: ['latent'] }, output: 'nothing', effect: true, shows: true },
  /** Makes the run compute a value, and does nothing else. */
  need: { attributes: none, inputs: { value: valueKinds }, output: 'nothing', effect: true, shows: true },
} as const satisfies Readonly<Record<string, Op>>

type Table = typeof table

export type StepOp = keyof Table

/** The table for ops that are known only at run time. */
export const ops: Readonly<Record<StepOp, Op>> = table

/** Attributes by op. */
export type StepAttributes = {
  readonly [Name in StepOp]: Table[Name]['attributes'] extends Typed<infer Attributes> ? Attributes : never
}

/** The accepted kinds of an op's inputs by name. */
export type InputKinds<Name extends StepOp> = {
  readonly [Input in keyof Table[Name]['inputs']]: KindsIn<Table[Name]['inputs'], Table[Name]['inputs'][Input]>
} & {
  readonly [Input in keyof Optional<Name>]?: KindsIn<Optional<Name>, Optional<Name>[Input]>
}

type Optional<Name extends StepOp> = Table[Name] extends { readonly optional: infer Inputs } ? Inputs : unknown

type KindsIn<Inputs, Entry> = Entry extends readonly ValueKind[]
  ? Entry[number]
  : Entry extends { readonly sameAs: infer Other extends keyof Inputs }
    ? KindsIn<Inputs, Inputs[Other]>
    : never

/** The kind of an op's result, given the kinds of its inputs. */
export type OutputKind<Name extends StepOp, Given = InputKinds<Name>> = Table[Name]['output'] extends infer Output
  ? Output extends ValueKind
    ? Output
    : Output extends { readonly sameAs: infer Input extends keyof Given }
      ? Extract<Given[Input], ValueKind>
      : never
  : never

/** For each input that shares another input's kind, the name of the other input. */
export type SharedKinds<Name extends StepOp> = {
  readonly [Input in keyof Table[Name]['inputs'] as Table[Name]['inputs'][Input] extends SameAs
    ? Input
    : never]: Table[Name]['inputs'][Input] extends { readonly sameAs: infer Other } ? Other : never
}
