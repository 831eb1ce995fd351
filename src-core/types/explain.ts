import { type Family, families } from '../families/families.ts'
import { assignable } from './assignable.ts'
import { convert } from './convert.ts'
import { describe, fileKinds } from './describe.ts'
import { type Kind, type Known, type Type, type TypeOf, UNKNOWN } from './types.ts'

export interface Explanation {
  /** Whether the link works, converted if need be. */
  readonly fits: boolean
  /** A few words, for a tooltip on the way. */
  readonly short: string
  /** A sentence that names both ends. */
  readonly long: string
  /** What to do, as a sentence; empty when there is nothing to do. */
  readonly fix: string
}

/** Names of the two ends, as a person sees them: "Checkpoint, output Model". */
export interface Ends {
  readonly from: string
  readonly to: string
}

const nouns: Record<Kind, string> = {
  model: 'model',
  clip: 'text encoder',
  vae: 'VAE',
  conditioning: 'conditioning',
  latent: 'latent',
  image: 'image',
  mask: 'mask',
  scheduler: 'scheduler',
  controlnet: 'ControlNet',
  int: 'whole number',
  float: 'number',
  text: 'text',
  seed: 'seed',
  choice: 'choice',
  file: 'file',
  list: 'list',
  unknown: 'unknown',
  nothing: 'nothing',
}

/** Where a value of each kind comes from. */
const sources: Record<Kind, string> = {
  model: 'Link the model of a Checkpoint or LoRA node here.',
  clip: 'Link the text encoder (clip) of a Checkpoint or LoRA node here.',
  vae: 'Link the VAE of a Checkpoint node here.',
  conditioning: 'Link the conditioning of a Prompt node here.',
  latent: 'Link an Empty Latent, VAE Encode or Sampler node here.',
  image: 'Link a Load Image or VAE Decode node here.',
  mask: 'Link the mask of a Load Image, Pad Image or Image to Mask node here.',
  scheduler: 'Link an LCM Scheduler or Scheduler node here.',
  controlnet: 'Link a ControlNet here.',
  int: 'Remove the link and type a whole number.',
  float: 'Remove the link and type a number.',
  text: 'Remove the link and type the text.',
  seed: 'Remove the link and type a seed.',
  choice: 'Remove the link and choose from the list.',
  file: 'Remove the link and choose a file.',
  list: 'Link a list here.',
  unknown: 'Install the version that knows this node, or remove it.',
  nothing: 'Remove the link.',
}

/** Pairs that one node between them makes fit. */
const bridges: { readonly [From in Kind]?: { readonly [To in Kind]?: string } } = {
  image: { latent: 'Put a VAE Encode node between them.', mask: 'Put an Image to Mask node between them.' },
  mask: { image: 'Put a Mask to Image node between them.' },
  latent: { image: 'Put a VAE Decode node between them.' },
  text: { conditioning: 'Put a Prompt node between them.' },
  clip: { conditioning: 'Put a Prompt node between them.' },
}

const familyFix = ({ family: from }: TypeOf<'model' | 'clip' | 'vae' | 'conditioning'>, to: { family: typeof from }) =>
  `Take both from ${familyName(to.family)}, or both from ${familyName(from)}.`

const familyName = (family: Known<Family>): string =>
  family === UNKNOWN ? 'one checkpoint' : `a ${families[family].title} checkpoint`

const sizeFix = (_from: unknown, to: { width: Known<number>; height: Known<number> }): string =>
  `Make the size ${to.width} x ${to.height} pixels.`

const rangeFix = (_from: unknown, to: Type): string => `Give ${describe(to)}.`

/** What to do when the kinds are the same and the values still do not fit. */
const repairs: { readonly [K in Kind]: (from: TypeOf<K>, to: TypeOf<K>) => string } = {
  model: familyFix,
  clip: familyFix,
  vae: familyFix,
  conditioning: familyFix,
  latent: (from, to) =>
    from.channels === to.channels ? sizeFix(from, to) : 'Take the latent from a model of the same family.',
  image: sizeFix,
  mask: () => sources.mask,
  scheduler: () => sources.scheduler,
  controlnet: () => sources.controlnet,
  int: rangeFix,
  float: rangeFix,
  text: () => sources.text,
  seed: () => sources.seed,
  choice: rangeFix,
  file: (_from, to) => `Choose ${fileKinds[to.of]}.`,
  list: (from, to) => explain(from.of, to.of).fix,
  unknown: () => sources.unknown,
  nothing: () => sources.nothing,
}

const repairOf = <K extends Kind>(kind: K, from: TypeOf<K>, to: TypeOf<K>): string => repairs[kind](from, to)

function fixOf(from: Type, to: Type): string {
  if (from.kind === 'nothing') return sources[to.kind]
  if (from.kind === to.kind) return repairOf(from.kind, from, to)
  return bridges[from.kind]?.[to.kind] ?? sources[to.kind]
}

/** Says of every pair of types whether a link between them works, and if not, why and what to do. */
export function explain(from: Type, to: Type, ends: Ends = { from: 'the output', to: 'the input' }): Explanation {
  const gives = `${ends.from} gives ${describe(from)}`
  const needs = `${ends.to} needs ${describe(to)}`
  if (assignable(from, to)) {
    return { fits: true, short: 'Fits', long: capitalised(`${needs}, and ${gives}.`), fix: '' }
  }
  if (convert(from, to)) {
    const short = `Becomes a ${nouns[to.kind]}`
    return { fits: true, short, long: capitalised(`${gives}, which becomes ${describe(to)} for ${ends.to}.`), fix: '' }
  }
  const short =
    from.kind === to.kind ? `Not ${describe(to)}` : `${capitalised(nouns[from.kind])} does not fit ${nouns[to.kind]}`
  return { fits: false, short, long: capitalised(`${needs}, but ${gives}.`), fix: fixOf(from, to) }
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
