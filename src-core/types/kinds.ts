import { type Family, families } from '../families/families.ts'
import { predictionOf } from '../families/training.ts'
import { distillations } from './distilled.ts'
import { type FileKind, type Kind, type Known, type Size, type Type, type TypeOf, UNKNOWN } from './types.ts'

/** The functions that a row needs for inner types, such as the items of a list. */
interface Ask {
  describe(type: Type): string
  assignable(from: Type, to: Type): boolean
  fix(from: Type, to: Type): string
}

/** Name, texts and rules of a kind of type. */
export interface KindRow<K extends Kind> {
  /** Name without an article. */
  readonly noun: string
  /** A value of the type as a noun phrase. */
  describe(type: TypeOf<K>, ask: Pick<Ask, 'describe'>): string
  /** Whether an input of type `to` accepts a value of type `from`. Absent: always. */
  fits?(from: TypeOf<K>, to: TypeOf<K>, ask: Pick<Ask, 'assignable'>): boolean
  /** A sentence that says where to get such a value. */
  readonly source: string
  /** Advice if a value of the same kind does not fit. Absent: `source`. */
  repair?(from: TypeOf<K>, to: TypeOf<K>, ask: Pick<Ask, 'describe' | 'fix'>): string
  /** Advice by wanted kind, where a single node converts this kind to it. */
  readonly bridges?: { readonly [To in Kind]?: string }
  /** Lossless conversions. All others need a node. */
  readonly conversions?: { readonly [To in Kind]?: Conversion<K> }
}

/** A conversion to another kind: the resulting type, and the function on values. */
export interface Conversion<From extends Kind> {
  type(from: TypeOf<From>): Type
  apply(value: unknown): unknown
}

interface OfFamily {
  readonly family: Known<Family>
}

/** An unknown fact agrees with everything. */
const agree = <T>(from: Known<T>, to: Known<T>): boolean => from === UNKNOWN || to === UNKNOWN || from === to

const checkpointOf = (family: Known<Family>): string =>
  family === UNKNOWN ? 'one checkpoint' : `a ${families[family].title} checkpoint`

/** "a model", "a Stable Diffusion XL model". */
const ofFamily = (noun: string) => ({
  noun,
  describe: ({ family }: OfFamily) => `a ${family === UNKNOWN ? '' : `${families[family].title} `}${noun}`,
  fits: (from: OfFamily, to: OfFamily) => agree(from.family, to.family),
  repair: (from: OfFamily, to: OfFamily) =>
    `Take both from ${checkpointOf(to.family)}, or both from ${checkpointOf(from.family)}.`,
})

const sized = (noun: string, { width, height }: Size): string =>
  width === UNKNOWN || height === UNKNOWN ? noun : `${noun} of ${width} x ${height} pixels`

const sameSize = (from: Size, to: Size): boolean => agree(from.width, to.width) && agree(from.height, to.height)

const sizeFix = (_from: Size, to: Size): string => `Make the size ${to.width} x ${to.height} pixels.`

const within = (from: TypeOf<'int' | 'float'>, to: TypeOf<'int' | 'float'>): boolean =>
  from.min >= to.min && from.max <= to.max

const giveIt = (_from: Type, to: Type, { describe }: Pick<Ask, 'describe'>): string => `Give ${describe(to)}.`

const toText = { type: (): Type => ({ kind: 'text' }), apply: String }

const fileKinds: Record<FileKind, string> = {
  checkpoint: 'a checkpoint file',
  unet: 'a UNet file',
  'text-encoder': 'a text encoder file',
  vae: 'a VAE file',
  lora: 'a LoRA file',
  image: 'a picture file',
}

/** A row for each kind. */
export const kinds: { readonly [K in Kind]: KindRow<K> } = {
  model: {
    ...ofFamily('model'),
    describe: ({ family, distilled, training }) =>
      [
        ofFamily('model').describe({ family }),
        ...(distilled ? [`distilled with ${distillations[distilled.method]}`] : []),
        ...(training && training.prediction !== 'epsilon' ? [`(${predictionOf(training)})`] : []),
      ].join(' '),
    source: 'Link the model of a Checkpoint or LoRA node here.',
  },
  clip: {
    ...ofFamily('text encoder'),
    source: 'Link the text encoder (clip) of a Checkpoint or LoRA node here.',
    bridges: { conditioning: 'Put a Prompt node between them.' },
  },
  vae: { ...ofFamily('VAE'), source: 'Link the VAE of a Checkpoint node here.' },
  conditioning: { ...ofFamily('conditioning'), source: 'Link the conditioning of a Prompt node here.' },
  latent: {
    noun: 'latent',
    describe: (type) => sized(type.channels === UNKNOWN ? 'a latent' : `a latent with ${type.channels} channels`, type),
    fits: (from, to) => agree(from.channels, to.channels) && sameSize(from, to),
    source: 'Link an Empty Latent, VAE Encode or Sampler node here.',
    repair: (from, to) =>
      from.channels === to.channels ? sizeFix(from, to) : 'Take the latent from a model of the same family.',
    bridges: { image: 'Put a VAE Decode node between them.' },
  },
  image: {
    noun: 'image',
    describe: (type) => sized('an image', type),
    fits: sameSize,
    source: 'Link a Load Image or VAE Decode node here.',
    repair: sizeFix,
    bridges: { latent: 'Put a VAE Encode node between them.', mask: 'Put an Image to Mask node between them.' },
  },
  mask: {
    noun: 'mask',
    describe: () => 'a mask',
    source: 'Link the mask of a Load Image, Pad Image or Image to Mask node here.',
    bridges: { image: 'Put a Mask to Image node between them.' },
  },
  scheduler: {
    noun: 'scheduler',
    describe: ({ summary }) => (summary === undefined ? 'a scheduler' : `a scheduler (${summary})`),
    source: 'Link an LCM Scheduler or Scheduler node here.',
  },
  controlnet: { noun: 'ControlNet', describe: () => 'a ControlNet', source: 'Link a ControlNet here.' },
  int: {
    noun: 'whole number',
    describe({ min, max, multipleOf }) {
      if (min === max) return `the whole number ${min}`
      return multipleOf === 1
        ? `a whole number from ${min} to ${max}`
        : `a multiple of ${multipleOf} from ${min} to ${max}`
    },
    fits: (from, to) => within(from, to) && (from.min === from.max ? from.min : from.multipleOf) % to.multipleOf === 0,
    source: 'Remove the link and type a whole number.',
    repair: giveIt,
    conversions: {
      float: { type: ({ min, max }) => ({ kind: 'float', min, max }), apply: (value) => value },
      text: toText,
      seed: {
        type: ({ min }) => (min >= 0 ? { kind: 'seed' } : { kind: 'nothing', reason: 'a seed is never below 0' }),
        apply: String,
      },
    },
  },
  float: {
    noun: 'number',
    describe: ({ min, max }) => (min === max ? `the number ${min}` : `a number from ${min} to ${max}`),
    fits: within,
    source: 'Remove the link and type a number.',
    repair: giveIt,
    conversions: { text: toText },
  },
  text: {
    noun: 'text',
    describe: () => 'a text',
    source: 'Remove the link and type the text.',
    bridges: { conditioning: 'Put a Prompt node between them.' },
  },
  seed: {
    noun: 'seed',
    describe: () => 'a seed from 0 to 2^64 - 1',
    source: 'Remove the link and type a seed.',
    conversions: { text: toText },
  },
  choice: {
    noun: 'choice',
    describe: ({ options }) => (options.length === 1 ? `the choice ${options[0]}` : `one of ${options.join(', ')}`),
    fits: (from, to) => from.options.every((option) => to.options.includes(option)),
    source: 'Remove the link and choose from the list.',
    repair: giveIt,
    conversions: { text: toText },
  },
  file: {
    noun: 'file',
    describe: ({ of, name }) => (name === UNKNOWN ? fileKinds[of] : `${fileKinds[of]} (${name})`),
    fits: (from, to) => from.of === to.of && agree(from.name, to.name),
    source: 'Remove the link and choose a file.',
    repair: (_from, to) => `Choose ${fileKinds[to.of]}.`,
  },
  list: {
    noun: 'list',
    describe: ({ of }, { describe }) => `a list, each item ${describe(of)}`,
    fits: (from, to, { assignable }) => assignable(from.of, to.of),
    source: 'Link a list here.',
    repair: (from, to, { fix }) => fix(from.of, to.of),
  },
  unknown: {
    noun: 'unknown',
    describe: () => 'something that this version does not know',
    source: 'Install the version that knows this node, or remove it.',
  },
  nothing: {
    noun: 'nothing',
    describe: ({ reason }) => `nothing: ${reason}`,
    fits: () => false,
    source: 'Remove the link.',
  },
}

/** The row of a kind, typed for that kind. */
export const kindRow = <K extends Kind>(kind: K): KindRow<K> => kinds[kind]
